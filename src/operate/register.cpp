#include "operate/register.hpp"

#include "base/text.hpp"
#include "operate/holder.hpp"
#include "operate/watch.hpp"
#include "rules/findings.hpp"
#include "rules/port.hpp"
#include "rules/runner.hpp"
#include "rules/slot_spec.hpp"
#include "store/marker_file.hpp"
#include "store/planned_end.hpp"
#include "store/service_settings_file.hpp"
#include "sys/log.hpp"

#include <algorithm>

namespace gw::operate {

namespace {

TakenPorts ports_taken(const store::Home& home, const ProfileName& except) {
    TakenPorts taken;
    for (const auto& name : home.profiles().names) {
        const auto directory =
            name == except ? Result<std::optional<sys::Directory>>{} : home.find(name);
        if (directory && *directory) {
            if (const auto port = store::read_service_settings(**directory).settings.port) {
                taken.set(*port);
            }
        }
    }
    return taken;
}

} // namespace

Result<ServiceSettings> settle_service_settings(const Operator& by, const ProfileName& profile,
                                                const sys::Directory& directory,
                                                const Environment& environment) {
    const auto lock = store::lock_ports(by.effects, by.home.directory());
    if (!lock) {
        return std::unexpected(lock.error());
    }
    return store::edit_service_settings(
        by.effects, directory, sys::Durability::durable, [&](ServiceSettings& settings) {
            for (const auto& [key, value] : environment) {
                std::erase_if(settings.environment,
                              [&key = key](const auto& e) { return e.first == key; });
                settings.environment.emplace_back(key, value);
            }
            const auto taken = ports_taken(by.home, profile);
            const auto& ranges = by.settings.ports;
            const bool twin = settings.port && taken.test(*settings.port) &&
                              !leads_to(profile, *settings.port, ranges);
            if (!settings.port || twin) {
                settings.port = choose_port(profile, taken, ranges);
            }
            if (!settings.port) {
                sys::log_warning(
                    to_line(finding(FindingCode::no_port_left, profile.str(),
                                    "'" + profile.str() + "' has no port", no_port_in(ranges))));
            }
        });
}

Result<void> register_profile(const Operator& by, const ProfileName& profile,
                              const Environment& environment) {
    const auto directory = by.home.require(profile);
    if (!directory) {
        return std::unexpected(in_verb(directory.error(), "register", profile));
    }
    const auto service = by.manager.observe(profile);
    if (service && service->registered && service->supervised) {
        return fail(Errc::conflict, "'" + profile.str() + "' is already registered",
                    "gatewayctl status " + profile.str());
    }
    const auto account = store::account_of_home(by.home);
    if (auto asked = check_root_was_asked(account.uid, by.home.path(), by.settings.user); !asked) {
        return std::unexpected(in_verb(std::move(asked.error()), "register", profile));
    }
    const auto settings = settle_service_settings(by, profile, *directory, environment);
    if (!settings) {
        return std::unexpected(in_verb(settings.error(), "register", profile));
    }
    const auto spec = slot_spec(by.home.path(), by.settings, profile, *settings, account);
    if (auto added = by.manager.add(by.effects, spec); !added) {
        return std::unexpected(in_verb(std::move(added.error()), "register", profile));
    }
    return {};
}

namespace {

/// Down and verified, without a word about intent. `directory` is null when the profile's is gone.
Result<void> bring_down(const Operator& by, const ProfileName& profile,
                        const sys::Directory* directory, const OperationOptions& options) {
    const auto service = by.manager.observe_process(profile);
    if (!service) {
        return std::unexpected(service.error());
    }
    Pending pending;
    pending.profile = profile;
    pending.watch.goal = Goal::down;
    pending.watch.before = service->process;
    if (service->registered && directory != nullptr) {
        pending.watch.outside = holder_outside(by, *directory, service->process);
    }
    const auto& holder = pending.watch.outside ? pending.watch.outside : pending.watch.before;
    if (!service->supervised && !holder) {
        return {};
    }
    if (holder && directory != nullptr) {
        announce_end(by, *directory, *holder, "unregister", pending);
    }
    for (const auto& warning : pending.warnings) {
        sys::log_warning(printable(to_line(warning)));
    }
    auto sent = service->supervised ? by.manager.stop(by.effects, profile) : Result<void>{};
    if (sent && pending.watch.outside) {
        tell_to_end(*pending.watch.outside);
    }
    if (!sent) {
        if (directory != nullptr) {
            withdraw_end(by, *directory);
        }
        return sent;
    }
    return wait_for_goal(by, pending, options);
}

} // namespace

Result<void> unregister_profile(const Operator& by, const ProfileName& profile,
                                const OperationOptions& options) {
    const auto directory = by.home.find(profile);
    const bool has_directory = directory && *directory;
    std::optional<sys::FileLock> lock;
    if (has_directory) {
        auto held = lock_operations(by, **directory);
        if (!held) {
            return std::unexpected(in_verb(std::move(held.error()), "unregister", profile));
        }
        lock = std::move(*held);
    }
    auto down = bring_down(by, profile, has_directory ? &**directory : nullptr, options);
    if (!down) {
        return std::unexpected(in_verb(std::move(down.error()), "unregister", profile));
    }
    if (auto removed = by.manager.remove(by.effects, profile); !removed) {
        return std::unexpected(in_verb(std::move(removed.error()), "unregister", profile));
    }
    if (has_directory) {
        withdraw_end(by, **directory);
        (void)by.effects.remove_file(**directory, operation_lock_name);
    }
    return {};
}

} // namespace gw::operate
