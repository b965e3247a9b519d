#include "cli/context.hpp"

#include "base/text.hpp"
#include "operate/privilege.hpp"
#include "rules/profile_place.hpp"
#include "store/config_file.hpp"
#include "supervise/detect.hpp"
#include "supervise/host/systemctl.hpp"
#include "sys/accounts.hpp"
#include "sys/self.hpp"

namespace gw::cli {

namespace {

Surroundings surroundings_of(const Flags& flags, TreeKind tree) {
    Surroundings told = resolve_surroundings(flags, sys::environment, tree);
    for (auto& unknown : unknown_variables(sys::environment_names())) {
        told.findings.push_back(std::move(unknown));
    }
    told.home = store::root_of(told.home);
    told.scandir = sys::absolute_path(told.scandir).value_or(told.scandir);
    return told;
}

Result<ProfileName> own_name(const Globals& globals, std::vector<Finding>& findings) {
    if (const auto name = globals.profile
                              ? globals.profile
                              : read_variable(Variable::profile, sys::environment, findings)) {
        return ProfileName::parse(*name);
    }
    const auto home = sys::absolute_path(home_setting(globals.flags, sys::environment, findings));
    if (!home) {
        return std::unexpected(home.error());
    }
    // As the home is opened: by its words, then by what a symlink leads to.
    const auto by_words = profile_of_path(*home);
    return ProfileName::parse(
        by_words == ProfileName::root_text ? profile_of_path(sys::real_path(*home)) : by_words);
}

} // namespace

const Surroundings& Context::surroundings() {
    if (!surroundings_) {
        const bool is_own = privilege_ == Privilege::runner_of_own_tree;
        surroundings_ =
            surroundings_of(globals_.flags, is_own ? TreeKind::own : supervise::tree_found_here());
    }
    return *surroundings_;
}

Result<void> Context::leave_root() {
    if (left_root_ || sys::effective_uid() != 0) {
        return {};
    }
    auto runner = operate::settle_runner(surroundings());
    if (!runner) {
        return std::unexpected(std::move(runner.error()));
    }
    if (auto left = become(*runner); !left) {
        return left;
    }
    if (runner->uid != 0) {
        account_ = std::move(*runner);
    }
    left_root_ = true;
    return {};
}

Result<void> Context::become(const Account& runner) {
    if (privilege_ == Privilege::runner_of_own_tree && effects_ != nullptr) {
        return operate::hand_over_scandir(*effects_, surroundings().scandir, runner);
    }
    const auto kind = supervise::manager_kind(surroundings());
    const auto scope = supervise::scope_of(surroundings());
    if (kind == supervise::ManagerKind::systemd && scope == Scope::system) {
        return sys::act_as(runner);
    }
    const bool with_scandir =
        (privilege_ == Privilege::runner_with_scandir && kind == supervise::ManagerKind::s6) ||
        (privilege_ == Privilege::runner_of_boot_pass &&
         (!kind || kind == supervise::ManagerKind::s6));
    return with_scandir && effects_ != nullptr
               ? operate::hand_over_scandir(*effects_, surroundings().scandir, runner)
               : sys::become(runner);
}

Result<const Settings*> Context::settings() {
    if (auto left = leave_root(); !left) {
        return std::unexpected(std::move(left.error()));
    }
    if (!settings_) {
        // HERMES_HOME may be a link into the home, which only opening it tells.
        const auto opened = home();
        settings_ =
            resolve_settings(surroundings(), sys::environment,
                             store::read_config(opened ? (*opened)->path() : surroundings().home,
                                                surroundings().config));
        // The verb that makes a tree of its own finds no mark of it at the first time.
        settings_->tree_kind = privilege_ == Privilege::runner_of_own_tree
                                   ? TreeKind::own
                                   : supervise::tree_of_scandir(*settings_);
        warn_of(settings_->findings);
    }
    return &*settings_;
}

Result<const store::Home*> Context::home() {
    if (auto left = leave_root(); !left) {
        return std::unexpected(std::move(left.error()));
    }
    if (!home_) {
        auto opened = store::Home::open(surroundings().home);
        if (!opened) {
            return std::unexpected(std::move(opened.error()));
        }
        home_ = std::move(*opened);
    }
    return &*home_;
}

Result<Opened> Context::opened() {
    const auto home = this->home();
    const auto settings = home ? this->settings() : std::unexpected(home.error());
    return settings ? Result<Opened>({**home, **settings}) : std::unexpected(settings.error());
}

Result<void> Context::open_manager() {
    if (manager_) {
        return {};
    }
    const auto from = opened();
    if (!from) {
        return std::unexpected(from.error());
    }
    auto manager = supervise::make_manager(from->home, from->settings);
    if (!manager) {
        return std::unexpected(std::move(manager.error()));
    }
    manager_ = std::move(*manager);
    return {};
}

Result<const supervise::ServiceManager*> Context::manager() {
    if (auto opened = open_manager(); !opened) {
        return std::unexpected(std::move(opened.error()));
    }
    return manager_.get();
}

Result<operate::Operator> Context::operator_with(sys::Effects& effects) {
    if (auto opened = open_manager(); !opened) {
        return std::unexpected(std::move(opened.error()));
    }
    return operate::Operator{*manager_, *home_, *settings_, effects};
}

Result<OwnProfile> Context::own_profile() {
    std::vector<Finding> findings;
    auto name = own_name(globals_, findings);
    warn_of(findings);
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

void Context::warn_of(std::span<const Finding> findings) {
    for (const auto& finding : findings) {
        warn_once(printable(to_line(finding)));
    }
}

void Context::warn_once(const std::string& warning) {
    if (said_.insert(warning).second) {
        sys::log_warning(warning);
    }
}

} // namespace gw::cli
