#include "operate/register.hpp"

#include "base/text.hpp"
#include "operate/holder.hpp"
#include "operate/watch.hpp"
#include "rules/findings.hpp"
#include "rules/port.hpp"
#include "rules/runner.hpp"
#include "rules/slot_spec.hpp"
#include "store/holder.hpp"
#include "store/marker_file.hpp"
#include "store/operation_lock.hpp"
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

namespace {

void forget_variable(const std::string& name, ServiceSettings& settings) {
    std::erase_if(settings.environment, [&](const auto& one) { return one.first == name; });
}

void change_variables(const EnvironmentChange& change, ServiceSettings& settings) {
    for (const auto& name : change.unset) {
        forget_variable(name, settings);
    }
    for (const auto& [name, value] : change.set) {
        forget_variable(name, settings);
        settings.environment.emplace_back(name, value);
    }
}

void settle_port(const Operator& by, const ProfileName& profile, ServiceSettings& settings) {
    const auto& ranges = by.settings.ports;
    const auto taken = ports_taken(by.home, profile);
    const bool twin =
        settings.port && taken.test(*settings.port) && !leads_to(profile, *settings.port, ranges);
    if (!settings.port || twin) {
        settings.port = choose_port(profile, taken, ranges);
    }
    if (!settings.port) {
        sys::log_warning(
            to_line(finding(FindingCode::no_port_left, profile.str(),
                            "'" + profile.str() + "' has no port", no_port_in(ranges))));
    }
}

/// Every change of what is kept, but that of a boot pass, which holds the lock for all of it.
template <class Edit>
Result<ServiceSettings> edit_settings(const Operator& by, const sys::Directory& directory,
                                      const Edit& edit) {
    const auto lock = store::lock_ports(by.effects, by.home.directory());
    return lock
               ? store::edit_service_settings(by.effects, directory, sys::Durability::durable, edit)
               : std::unexpected(lock.error());
}

} // namespace

Result<Settled> settle_service_settings(const Operator& by, const ProfileName& profile,
                                        const sys::Directory& directory,
                                        const EnvironmentChange& change) {
    ServiceSettings before;
    auto now = edit_settings(by, directory, [&](ServiceSettings& settings) {
        before = settings;
        settings.unregistered.reset();
        change_variables(change, settings);
        settle_port(by, profile, settings);
    });
    return now ? Result<Settled>(Settled{std::move(before), std::move(*now)})
               : std::unexpected(std::move(now.error()));
}

namespace {

/// Of what failed; a port that was chosen for it stays the profile's.
void give_settings_back(const Operator& by, const sys::Directory& directory, Settled settled) {
    settled.before.port = settled.before.port ? settled.before.port : settled.now.port;
    (void)edit_settings(by, directory, [&](ServiceSettings& settings) {
        settings = settings == settled.now ? settled.before : settings;
    });
}

const std::string* value_in(const Environment& environment, const std::string& name) {
    const auto found = std::find_if(environment.begin(), environment.end(),
                                    [&](const auto& one) { return one.first == name; });
    return found == environment.end() ? nullptr : &found->second;
}

std::vector<std::string> changes_between(const Environment& before, const Environment& now) {
    std::vector<std::string> changes;
    for (const auto& [name, value] : now) {
        const auto* old = value_in(before, name);
        if (old == nullptr || *old != value) {
            changes.push_back(name + (old == nullptr ? " set" : " changed"));
        }
    }
    for (const auto& [name, value] : before) {
        if (value_in(now, name) == nullptr) {
            changes.push_back(name + " removed");
        }
    }
    return changes;
}

/// The slot gets what is kept now.
Result<void> make_or_renew(const Operator& by, const ProfileName& profile,
                           const ObservedService& service, const ServiceSettings& settings,
                           const Account& account) {
    const auto spec = slot_spec(by.home.path(), by.settings, profile, settings, account);
    auto renewed = service.registered ? by.manager.renew(by.effects, profile) : Result<void>{};
    if (!renewed || service.supervised) {
        return renewed;
    }
    auto added = by.manager.add(by.effects, spec);
    if (!added && added.error().code == Errc::conflict) {
        const auto now = by.manager.observe(profile);
        if (now && now->registered && now->supervised) {
            return by.manager.renew(by.effects, profile); // a boot pass has made it meanwhile
        }
    }
    return added;
}

} // namespace

Result<Registered> register_locked(const Operator& by, const ProfileName& profile,
                                   const sys::Directory& directory,
                                   const EnvironmentChange& change) {
    const auto service = by.manager.observe(profile);
    if (!service) {
        return std::unexpected(in_verb(service.error(), "register", profile));
    }
    // Whoever unregistered it may have been killed halfway: the slot that is left is gone with the
    // next boot.
    const bool stays = !store::read_service_settings(directory).settings.unregistered;
    const bool is_there = service->registered && service->supervised && stays;
    if (is_there && change.empty()) {
        return fail(Errc::conflict, "'" + profile.str() + "' is already registered",
                    "gatewayctl status " + profile.str());
    }
    const auto account = store::account_of_home(by.home);
    if (auto asked = check_root_was_asked(account.uid, by.home.path(), by.settings.user); !asked) {
        return std::unexpected(in_verb(std::move(asked.error()), "register", profile));
    }
    if (auto usable = check_config_usable(by.settings); !usable) {
        return std::unexpected(in_verb(std::move(usable.error()), "register", profile));
    }
    const auto settled = settle_service_settings(by, profile, directory, change);
    if (!settled) {
        return std::unexpected(in_verb(settled.error(), "register", profile));
    }
    if (auto made = make_or_renew(by, profile, *service, settled->now, account); !made) {
        give_settings_back(by, directory, *settled);
        return std::unexpected(in_verb(std::move(made.error()), "register", profile));
    }
    return Registered{!is_there,
                      changes_between(settled->before.environment, settled->now.environment),
                      service->up};
}

Result<Registered> register_profile(const Operator& by, const ProfileName& profile,
                                    const EnvironmentChange& change) {
    const auto directory = by.home.require(profile);
    const auto lock = directory ? store::lock_operations(by.effects, *directory)
                                : std::unexpected(directory.error());
    return lock ? register_locked(by, profile, *directory, change)
                : std::unexpected(in_verb(lock.error(), "register", profile));
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
        pending.watch.outside = holder_outside(by.home, *directory, *service);
    }
    const auto& holder = pending.watch.outside ? pending.watch.outside : pending.watch.before;
    // Nothing here runs it; whoever holds it all the same is out of sight, and is waited for.
    const bool is_held = directory != nullptr && store::is_held(*directory);
    if (!service->supervised && !holder && !is_held) {
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

namespace {

/// Keeps with the profile that it is unregistered; answers with what was kept before, nullopt where
/// nothing had to be changed. What cannot be kept must not hold up the end of a profile that is to
/// be deleted.
std::optional<Settled> keep_unregistered(const Operator& by, const ProfileName& profile,
                                         const sys::Directory& directory) {
    ServiceSettings before;
    Result<void> repaired;
    const auto now = edit_settings(by, directory, [&](ServiceSettings& settings) {
        // Under the lock that a boot pass holds: what it adopts meanwhile is no later intent.
        repaired = store::repair_intent(by.effects, directory);
        const auto intent = store::read_intent(directory).resolved;
        before = settings;
        if (!settings.unregistered || !still_counts(*settings.unregistered, intent)) {
            const auto me = store::provenance_now("", "");
            settings.unregistered = {me.changed_at, me.author, intent.generation};
        }
    });
    if (!repaired || !now) {
        const auto& why = now ? repaired.error() : now.error();
        sys::log_warning(printable(to_line(finding(
            FindingCode::unregistration_not_kept, profile.str(),
            "the next boot makes the slot of '" + profile.str() + "' again", why.message))));
    }
    return now ? std::optional(Settled{std::move(before), *now}) : std::nullopt;
}

Result<void> bring_down_and_remove(const Operator& by, const ProfileName& profile,
                                   const sys::Directory* directory,
                                   const OperationOptions& options) {
    auto down = bring_down(by, profile, directory, options);
    return down ? by.manager.remove(by.effects, profile) : down;
}

} // namespace

Result<Unregistered> unregister_profile(const Operator& by, const ProfileName& profile,
                                        const OperationOptions& options) {
    const auto found = by.home.find(profile);
    const sys::Directory* directory = found && *found ? &**found : nullptr;
    // Another member runs it, also between two of its lives. Whatever else keeps this one from a
    // share, as a volume that is away, holds up no cleaning.
    const auto share = share_volume(by, "unregister", profile);
    if (!share && share.error().code == Errc::conflict) {
        return std::unexpected(in_verb(share.error(), "unregister", profile));
    }
    std::optional<sys::FileLock> lock;
    if (directory != nullptr) {
        auto held = store::lock_operations(by.effects, *directory);
        if (!held) {
            return std::unexpected(in_verb(std::move(held.error()), "unregister", profile));
        }
        lock = std::move(*held);
    }
    const auto registered = by.manager.is_registered(profile);
    const auto kept = directory != nullptr && by.manager.traits().registers
                          ? keep_unregistered(by, profile, *directory)
                          : std::nullopt;
    if (auto done = bring_down_and_remove(by, profile, directory, options); !done) {
        if (kept) {
            give_settings_back(by, *directory, *kept);
        }
        return std::unexpected(in_verb(std::move(done.error()), "unregister", profile));
    }
    if (directory != nullptr) {
        withdraw_end(by, *directory);
        (void)by.effects.remove_file(*directory, store::operation_lock_name);
    }
    const bool was_there = directory != nullptr || (registered && *registered);
    return was_there ? Unregistered::done : Unregistered::nothing_there;
}

} // namespace gw::operate
