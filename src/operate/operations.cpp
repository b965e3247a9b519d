#include "operate/operations.hpp"

#include "base/text.hpp"
#include "rules/port.hpp"
#include "store/marker_file.hpp"
#include "store/park.hpp"
#include "store/service_settings_file.hpp"
#include "sys/file_lock.hpp"
#include "sys/log.hpp"
#include "sys/processes.hpp"

#include <fmt/format.h>
#include <future>
#include <set>
#include <thread>

namespace gw::operate {

namespace {

constexpr std::chrono::milliseconds poll_pause{5};
/// Without readiness, a process that has lived this long counts as started; one that cannot even
/// load its program is gone within a few milliseconds.
constexpr std::chrono::milliseconds settle_time{300};
constexpr seconds operation_lock_deadline{30};
constexpr seconds kill_deadline{5};
/// How long a supervisor may take to see that its process is dead.
constexpr seconds notice_deadline{5};
constexpr const char* operation_lock = ".gateway-operation.lock";

/// What the volume refuses to record is not done: the next boot would undo it.
Error unrecorded(Error error, const sys::Directory& profile) {
    const std::string place = shell_quote(profile.path());
    return std::move(error)
        .within("the next boot would undo what is not recorded")
        .advise("df -h " + place + "; ls -ld " + place);
}

/// Held from the intent to the command, so that of two operations at once the later one's intent
/// and the later one's command are the same operation's.
Result<sys::FileLock> lock_operations(const Operator& by, const sys::Directory& profile) {
    auto lock =
        sys::FileLock::acquire(by.effects, profile, operation_lock, operation_lock_deadline);
    if (!lock && lock.error().code != Errc::timed_out) {
        return std::unexpected(unrecorded(std::move(lock.error()), profile));
    }
    return lock;
}

Error not_registered(const Operator& by, const ProfileName& profile) {
    const bool exists = by.home.require(profile).has_value();
    return {Errc::not_registered,
            "'" + profile.str() + "' is not registered with " + by.manager.traits().label,
            exists ? "gatewayctl start " + profile.str() : "gatewayctl list"};
}

/// The service once its supervisor knows of its last end: what follows an end that it has not seen
/// yet would undo a start (seen under s6: `finish` answers 125 after the command).
Result<supervise::ObservedService> observe_settled(const Operator& by, const ProfileName& profile) {
    const sys::Deadline end(notice_deadline);
    while (true) {
        auto service = by.manager.observe_process(profile);
        if (!service || !service->up || service->process || end.passed()) {
            return service;
        }
        std::this_thread::sleep_for(poll_pause);
    }
}

/// The service, which must be registered.
Result<supervise::ObservedService> registered_service(const Operator& by,
                                                      const ProfileName& profile) {
    auto service = observe_settled(by, profile);
    if (service && !service->registered) {
        return std::unexpected(not_registered(by, profile));
    }
    return service;
}

store::Provenance provenance(std::string_view verb) {
    return {"gatewayctl " + std::string(verb), "operator"};
}

/// Intent, then command; the intent is given back when the command fails.
template <class Command>
Result<void> with_intent(const Operator& by, const sys::Directory& profile, DesiredState wanted,
                         std::string_view verb, Pending& pending, const Command& command) {
    const auto change = store::record_intent(by.effects, profile, wanted, provenance(verb));
    if (!change) {
        return std::unexpected(unrecorded(change.error(), profile));
    }
    pending.intent = *change;
    if (!change->mirror_problem.empty()) {
        pending.warnings.push_back("desired_state could not be mirrored: " +
                                   change->mirror_problem);
    }
    auto done = command();
    if (!done) {
        const auto back = store::give_intent_back(by.effects, profile, *change, provenance(verb));
        if (!back) {
            return std::unexpected(
                std::move(done.error())
                    .within("the intent could not be given back: " + back.error().message));
        }
    }
    return done;
}

void write_marker(const Operator& by, const sys::Directory& profile, const ProcessIdentity& target,
                  std::string_view verb, Pending& pending) {
    const auto written =
        store::write_marker(by.effects, profile, MarkerKind::planned_stop,
                            {target, "gatewayctl " + std::string(verb), std::string(verb), {}});
    if (!written) {
        pending.warnings.push_back("the gateway will take this " + std::string(verb) +
                                   " for an unexpected signal: " + written.error().message);
    }
}

/// An operator who wants it up takes a parked gateway out and gives it its whole death budget.
void unpark(const Operator& by, const sys::Directory& profile, Pending& pending) {
    if (const auto done = store::unpark(by.effects, profile); !done) {
        pending.warnings.push_back("it stays parked for the next boot: " + done.error().message);
    }
}

Result<sys::Directory> profile_directory(const Operator& by, const ProfileName& profile) {
    auto directory = by.home.find(profile);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    if (!*directory) {
        return fail(Errc::no_profile,
                    "the directory of '" + profile.str() +
                        "' does not exist: " + by.home.path_of(profile),
                    "gatewayctl unregister " + profile.str());
    }
    return std::move(**directory);
}

/// What stop and restart act on. The service is looked at under the lock: what an operation before
/// this one has done to it is done.
struct Registered {
    sys::Directory directory;
    sys::FileLock lock;
    supervise::ObservedService service;
};

Result<Registered> lock_registered(const Operator& by, const ProfileName& profile) {
    // Before the lock, so that nothing is written for a profile that is not registered.
    const auto known = by.manager.is_registered(profile);
    if (!known || !*known) {
        return std::unexpected(known ? not_registered(by, profile) : known.error());
    }
    auto directory = profile_directory(by, profile);
    if (!directory) {
        return std::unexpected(std::move(directory.error()));
    }
    auto lock = lock_operations(by, *directory);
    if (!lock) {
        return std::unexpected(std::move(lock.error()));
    }
    auto service = registered_service(by, profile);
    if (!service) {
        return std::unexpected(std::move(service.error()));
    }
    return Registered{std::move(*directory), std::move(*lock), std::move(*service)};
}

Error in_verb(Error error, std::string_view verb, const ProfileName& profile) {
    return std::move(error).within(fmt::format("cannot {} '{}'", verb, profile.str()));
}

} // namespace

Result<Pending> begin_stop(const Operator& by, const ProfileName& profile) {
    const auto at = lock_registered(by, profile);
    if (!at) {
        return std::unexpected(in_verb(at.error(), "stop", profile));
    }
    const auto* service = &at->service;
    const auto* directory = &at->directory;
    Pending pending{profile, Pending::Goal::down, service->process, {}};
    auto done = with_intent(by, *directory, DesiredState::stopped, "stop", pending, [&] {
        if (service->process) {
            write_marker(by, *directory, *service->process, "stop", pending);
        }
        return service->supervised ? by.manager.stop(by.effects, profile)
                                   : by.manager.hold_down(by.effects, profile);
    });
    if (!done) {
        (void)store::clear_marker(by.effects, *directory, MarkerKind::planned_stop);
        return std::unexpected(in_verb(std::move(done.error()), "stop", profile));
    }
    return pending;
}

namespace {

Result<void> enrol_unless_registered(const Operator& by, const ProfileName& profile) {
    const auto service = by.manager.observe(profile);
    if (!service) {
        return std::unexpected(service.error());
    }
    if (service->registered) {
        return {};
    }
    const auto& traits = by.manager.traits();
    return traits.registers ? register_profile(by, profile, {})
                            : fail(Errc::unsupported,
                                   fmt::format("'{}' has no {} in {}, and only `install` makes one",
                                               profile.str(), traits.service_word, traits.label),
                                   "gatewayctl install " + profile.str());
}

} // namespace

Result<Pending> begin_start(const Operator& by, const ProfileName& profile) {
    const auto directory = by.home.require(profile);
    const auto lock = directory ? lock_operations(by, *directory)
                                : Result<sys::FileLock>(std::unexpected(directory.error()));
    if (!lock) {
        return std::unexpected(in_verb(lock.error(), "start", profile));
    }
    Pending pending{profile, Pending::Goal::up, std::nullopt, {}};
    auto done =
        with_intent(by, *directory, DesiredState::running, "start", pending, [&]() -> Result<void> {
            if (auto enrolled = enrol_unless_registered(by, profile); !enrolled) {
                return enrolled;
            }
            unpark(by, *directory, pending);
            const auto service = observe_settled(by, profile);
            if (service) {
                pending.change_before = service->change;
            }
            if (service && service->up) {
                pending.before = service->process;
            }
            if (service && service->process && !service->wants_up) {
                // On its way down: what follows its end would undo a start that came before it.
                pending.goal = Pending::Goal::replaced;
                return {};
            }
            return by.manager.start(by.effects, profile);
        });
    if (!done) {
        return std::unexpected(in_verb(std::move(done.error()), "start", profile));
    }
    return pending;
}

Result<Pending> begin_restart(const Operator& by, const ProfileName& profile) {
    const auto at = lock_registered(by, profile);
    if (!at) {
        return std::unexpected(in_verb(at.error(), "restart", profile));
    }
    const auto* service = &at->service;
    const auto* directory = &at->directory;
    Pending pending{profile, Pending::Goal::replaced, service->process, {}};
    auto done = with_intent(by, *directory, DesiredState::running, "restart", pending, [&] {
        unpark(by, *directory, pending);
        if (!service->process) {
            pending.goal = Pending::Goal::up;
            pending.change_before = service->change;
            return by.manager.start(by.effects, profile);
        }
        write_marker(by, *directory, *service->process, "restart", pending);
        return by.manager.restart(by.effects, profile);
    });
    if (!done) {
        (void)store::clear_marker(by.effects, *directory, MarkerKind::planned_stop);
        return std::unexpected(in_verb(std::move(done.error()), "restart", profile));
    }
    return pending;
}

namespace {

std::string named(const ProcessIdentity& process) {
    return "pid " + std::to_string(process.pid.value);
}

/// Waits until the process that was there is gone; escalates if asked to.
Result<void> wait_until_gone(const Operator& by, const Pending& pending,
                             const OperationOptions& options, const sys::Deadline& end) {
    if (!pending.before || sys::wait_until_dead(*pending.before, end.left())) {
        return {};
    }
    if (options.escalation == Escalation::kill) {
        if (auto killed = by.manager.kill(by.effects, pending.profile); !killed) {
            return killed;
        }
        if (sys::wait_until_dead(*pending.before, kill_deadline)) {
            return {};
        }
    }
    return fail(Errc::timed_out,
                "'" + pending.profile.str() + "' still lives: " + named(*pending.before),
                options.escalation == Escalation::kill
                    ? "ps -o pid,stat,wchan,cmd -p " + std::to_string(pending.before->pid.value)
                    : "gatewayctl stop --force " + pending.profile.str());
}

/// Polls the supervisor until `reached` answers true.
template <class Condition>
Result<void> wait_for(const Operator& by, const ProfileName& profile, const sys::Deadline& end,
                      std::string_view what, const Condition& reached) {
    while (true) {
        const auto service = by.manager.observe_process(profile);
        if (!service) {
            return std::unexpected(service.error());
        }
        const Result<bool> answer = reached(*service);
        if (!answer) {
            return std::unexpected(answer.error());
        }
        if (*answer) {
            return {};
        }
        if (end.passed()) {
            return fail(Errc::timed_out,
                        fmt::format("'{}' is not {} after the deadline", profile.str(), what),
                        "gatewayctl logs " + profile.str());
        }
        std::this_thread::sleep_for(poll_pause);
    }
}

/// A process that was seen up, and since when.
struct Sighting {
    bool wanted = false; ///< the supervisor has taken the command in
    /// Since a supervisor was first seen; one that comes back takes the command in a moment later.
    std::optional<sys::Deadline> supervised{};
    Pid pid;
    sys::Deadline settled{settle_time};
    std::optional<sys::Deadline> thinking{}; ///< it has ended; so long the supervisor may think
};

std::string how_it_ended(const supervise::ObservedService& service) {
    if (service.last_exit && service.last_exit->signal) {
        return fmt::format("by signal {}", *service.last_exit->signal);
    }
    if (service.last_exit && service.last_exit->code) {
        return fmt::format("with code {}", *service.last_exit->code);
    }
    return "and nothing is known of how";
}

Result<bool> is_started(const Pending& pending, const supervise::ObservedService& service,
                        Sighting& sighting) {
    const auto ended = [&](std::string_view consequence) {
        return fail(Errc::command_failed,
                    fmt::format("'{}' ended at once, {}; {}", pending.profile.str(),
                                how_it_ended(service), consequence),
                    "gatewayctl logs " + pending.profile.str());
    };
    if (!service.supervised) {
        return false;
    }
    sighting.supervised = sighting.supervised.value_or(sys::Deadline(settle_time));
    // Before the supervisor has taken the command in, it still tells of the time before.
    const bool has_acted = pending.change_before.empty() ? sighting.supervised->passed()
                                                         : service.change != pending.change_before;
    sighting.wanted = sighting.wanted || service.wants_up;
    if (!service.wants_up) {
        return sighting.wanted || has_acted ? ended("it is not started again")
                                            : Result<bool>(false);
    }
    if (!service.up || !service.process) {
        if (!has_acted || !service.last_exit) {
            return false;
        }
        // What its end means is known when `finish` has answered.
        sighting.thinking = sighting.thinking.value_or(sys::Deadline(settle_time));
        return sighting.thinking->passed() ? ended("its supervisor keeps trying")
                                           : Result<bool>(false);
    }
    if (service.ready) {
        return *service.ready;
    }
    if (pending.before == service.process) {
        return true; // it was up already
    }
    if (sighting.pid != service.process->pid) {
        sighting.pid = service.process->pid;
        sighting.settled = sys::Deadline(settle_time);
    }
    return sighting.settled.passed();
}

Result<void> wait_until_up(const Operator& by, const Pending& pending, const sys::Deadline& end) {
    Sighting sighting;
    return wait_for(by, pending.profile, end, "up", [&](const supervise::ObservedService& service) {
        return is_started(pending, service, sighting);
    });
}

/// A process that was gone just before the deadline must still be seen to be gone.
sys::Deadline time_to_notice(const sys::Deadline& end) {
    return sys::Deadline(std::max<std::chrono::milliseconds>(end.left(), notice_deadline));
}

Result<void> wait_until_down(const Operator& by, const Pending& pending,
                             const OperationOptions& options, const sys::Deadline& end) {
    if (auto gone = wait_until_gone(by, pending, options, end); !gone) {
        return gone;
    }
    return wait_for(by, pending.profile, time_to_notice(end), "down",
                    [](const supervise::ObservedService& service) {
                        return Result<bool>(!service.up && !service.wants_up);
                    });
}

/// A marker whose target has left is nobody's.
void clear_own_marker(const Operator& by, const sys::Directory& directory, const Pending& pending) {
    if (!pending.before) {
        return;
    }
    const MarkerReader reader{*pending.before, directory.path(), sys::now(), std::nullopt};
    const auto answer = store::probe_marker(directory, MarkerKind::planned_stop, reader);
    if (answer && *answer && (*answer)->verdict != MarkerVerdict::names_other) {
        (void)store::clear_marker(by.effects, directory, MarkerKind::planned_stop);
    }
}

Result<void> wait_for_goal(const Operator& by, Pending& pending, const OperationOptions& options) {
    const auto drain = by.settings.drain_timeout;
    const sys::Deadline stop_end(options.timeout.value_or(stop_deadline(drain)), pending.commanded);
    switch (pending.goal) {
    case Pending::Goal::nothing:
        return {};
    case Pending::Goal::down:
        return wait_until_down(by, pending, options, stop_end);
    case Pending::Goal::up:
        return wait_until_up(
            by, pending,
            sys::Deadline(options.timeout.value_or(start_deadline), pending.commanded));
    case Pending::Goal::replaced:
        break;
    }
    if (auto gone = wait_until_gone(by, pending, options, stop_end); !gone) {
        return gone;
    }
    // A supervisor that has not seen the death yet would take the start for one of the old process.
    auto seen_down = wait_for(by, pending.profile, time_to_notice(stop_end), "down",
                              [&pending](const supervise::ObservedService& service) {
                                  pending.change_before = service.change;
                                  // systemd and launchd replace it without a moment in between.
                                  const bool replaced =
                                      service.process && service.process != pending.before;
                                  return Result<bool>(!service.up || replaced);
                              });
    if (!seen_down) {
        return seen_down;
    }
    pending.commanded = std::chrono::steady_clock::now();
    if (auto started = by.manager.start(by.effects, pending.profile); !started) {
        return started;
    }
    return wait_until_up(by, pending, sys::Deadline(options.timeout.value_or(start_deadline)));
}

} // namespace

namespace {

Result<void> look_at_intent_again(const Operator& by, const sys::Directory& directory,
                                  const Pending& pending) {
    return pending.intent ? store::confirm_intent(by.effects, directory, *pending.intent)
                          : store::repair_intent(by.effects, directory);
}

} // namespace

Result<void> finish(const Operator& by, Pending& pending, const OperationOptions& options) {
    // A restart is only half commanded before its first process is gone, so it always waits.
    const bool waits =
        options.patience == Patience::wait || pending.goal == Pending::Goal::replaced;
    auto reached = waits ? wait_for_goal(by, pending, options) : Result<void>{};
    const auto directory = by.home.find(pending.profile);
    if (directory && *directory) {
        if (auto repaired = look_at_intent_again(by, **directory, pending); !repaired) {
            pending.warnings.push_back("the intent could not be looked at again: " +
                                       repaired.error().message);
        }
        if (reached && waits) {
            clear_own_marker(by, **directory, pending);
        }
    }
    return reached;
}

std::vector<Result<void>> watch_all(const Operator& by, std::span<Result<Pending>> begun,
                                    const OperationOptions& options) {
    const auto how = begun.size() > 1 ? std::launch::async : std::launch::deferred;
    std::vector<std::future<Result<void>>> ends;
    for (auto& one : begun) {
        ends.push_back(std::async(how, [&by, &one, &options]() -> Result<void> {
            return one ? finish(by, *one, options) : std::unexpected(one.error());
        }));
    }
    std::vector<Result<void>> results;
    for (auto& end : ends) {
        results.push_back(end.get());
    }
    return results;
}

namespace {

std::set<std::uint16_t> ports_taken(const store::Home& home, const ProfileName& except) {
    std::set<std::uint16_t> taken;
    for (const auto& name : home.profiles().names) {
        const auto directory =
            name == except ? Result<std::optional<sys::Directory>>{} : home.find(name);
        if (directory && *directory) {
            if (const auto port = store::read_service_settings(**directory).settings.port) {
                taken.insert(*port);
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
            if (!settings.port) {
                settings.port = choose_port(profile, ports_taken(by.home, profile));
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
    if (service && service->registered) {
        return fail(Errc::conflict, "'" + profile.str() + "' is already registered",
                    "gatewayctl status " + profile.str());
    }
    const auto account = store::account_of_home(by.home);
    const auto settings = settle_service_settings(by, profile, *directory, environment);
    if (!account || !settings) {
        return std::unexpected(
            in_verb(account ? settings.error() : account.error(), "register", profile));
    }
    const auto spec = slot_spec(by.home.path(), by.settings, profile, *settings, *account);
    if (auto enrolled = by.manager.add(by.effects, spec); !enrolled) {
        return std::unexpected(in_verb(std::move(enrolled.error()), "register", profile));
    }
    return {};
}

namespace {

/// Down and verified, without a word about intent. `directory` is null when the profile's is gone.
Result<void> bring_down(const Operator& by, const ProfileName& profile,
                        const sys::Directory* directory, const OperationOptions& options) {
    const auto service = by.manager.observe_process(profile);
    if (!service || !service->supervised) {
        return service ? Result<void>{} : std::unexpected(service.error());
    }
    Pending pending{profile, Pending::Goal::down, service->process, {}};
    if (service->process && directory != nullptr) {
        write_marker(by, *directory, *service->process, "unregister", pending);
    }
    for (const auto& warning : pending.warnings) {
        sys::log_warning(printable(warning));
    }
    if (auto sent = by.manager.stop(by.effects, profile); !sent) {
        if (directory != nullptr) {
            (void)store::clear_marker(by.effects, *directory, MarkerKind::planned_stop);
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
    if (auto withdrawn = by.manager.remove(by.effects, profile); !withdrawn) {
        return std::unexpected(in_verb(std::move(withdrawn.error()), "unregister", profile));
    }
    if (has_directory) {
        (void)store::clear_marker(by.effects, **directory, MarkerKind::planned_stop);
        (void)by.effects.remove_file(**directory, operation_lock);
    }
    return {};
}

} // namespace gw::operate
