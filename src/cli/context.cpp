#include "cli/context.hpp"

#include "base/text.hpp"
#include "operate/privilege.hpp"
#include "store/config_file.hpp"
#include "supervise/detect.hpp"
#include "sys/accounts.hpp"
#include "sys/self.hpp"

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>

namespace gw::cli {

namespace {

Settings load_settings(const Flags& flags) {
    const std::string home = store::root_of(home_setting(flags, sys::environment));
    Settings settings = resolve_settings(
        flags, sys::environment, store::read_config(home, sys::environment("GATEWAYCTL_CONFIG")));
    settings.home = home;
    settings.scandir = boost::filesystem::absolute(settings.scandir).lexically_normal().string();
    return settings;
}

Result<ProfileName> own_name(const Globals& globals) {
    if (const auto name =
            globals.profile ? globals.profile : sys::environment("GATEWAYCTL_PROFILE")) {
        return ProfileName::parse(*name);
    }
    const boost::filesystem::path home =
        boost::filesystem::absolute(home_setting(globals.flags, sys::environment))
            .lexically_normal()
            .remove_trailing_separator();
    return store::root_of(home.string()) == home.string()
               ? ProfileName::root()
               : ProfileName::parse(home.filename().string());
}

} // namespace

const Settings& Context::settings() {
    if (!settings_) {
        settings_ = load_settings(globals_.flags);
        for (const auto& finding : settings_->findings) {
            warn_once(printable(to_line(finding)));
        }
    }
    return *settings_;
}

Result<const store::Home*> Context::home() {
    if (!home_) {
        auto opened = store::Home::open(home_setting(globals_.flags, sys::environment));
        if (!opened) {
            return std::unexpected(std::move(opened.error()));
        }
        home_ = std::move(*opened);
        if (privilege_ == Privilege::owner) {
            if (auto left = leave_root(nullptr); !left) {
                return std::unexpected(std::move(left.error()));
            }
        }
    }
    return &*home_;
}

Result<void> Context::leave_root(sys::Effects* effects) {
    if (privilege_ == Privilege::prepare_in_container && effects != nullptr) {
        return operate::hand_over_scandir(*effects, *home_, settings().scandir);
    }
    auto owner = operate::become_home_owner(*home_);
    if (!owner) {
        return std::unexpected(std::move(owner.error()));
    }
    account_ = std::move(*owner);
    return {};
}

Result<void> Context::open_manager(sys::Effects* effects) {
    if (manager_) {
        return {};
    }
    const auto home = this->home();
    const auto kind = supervise::manager_kind(settings());
    if (!home || !kind) {
        return std::unexpected(home ? kind.error() : home.error());
    }
    if (*kind == supervise::ManagerKind::s6 && sys::effective_uid() == 0) {
        if (auto left = leave_root(effects); !left) {
            return left;
        }
    }
    auto manager = supervise::make_manager(**home, settings());
    if (!manager) {
        return std::unexpected(std::move(manager.error()));
    }
    manager_ = std::move(*manager);
    return {};
}

Result<const supervise::ServiceManager*> Context::manager() {
    if (auto opened = open_manager(nullptr); !opened) {
        return std::unexpected(std::move(opened.error()));
    }
    return manager_.get();
}

Result<operate::Operator> Context::operator_with(sys::Effects& effects) {
    if (auto opened = open_manager(&effects); !opened) {
        return std::unexpected(std::move(opened.error()));
    }
    return operate::Operator{*manager_, *home_, settings(), effects};
}

Result<OwnProfile> Context::own_profile() {
    auto name = own_name(globals_);
    const auto home = name ? this->home() : std::unexpected(name.error());
    if (!home) {
        return std::unexpected(home.error());
    }
    auto directory = (*home)->require(*name);
    if (!directory) {
        return std::unexpected(std::move(directory.error()));
    }
    return OwnProfile{std::move(*name), std::move(*directory)};
}

void Context::warn_once(const std::string& warning) {
    if (said_.insert(warning).second) {
        sys::log_warning(warning);
    }
}

} // namespace gw::cli
