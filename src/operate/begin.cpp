#include "operate/begin.hpp"

#include "base/text.hpp"
#include "operate/holder.hpp"
#include "operate/register.hpp"
#include "rules/findings.hpp"
#include "store/operation_lock.hpp"
#include "store/park.hpp"
#include "store/planned_end.hpp"
#include "sys/accounts.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"
#include "sys/waiting.hpp"

#include <fmt/format.h>

namespace gw::operate {

namespace {

/// What is to be recorded, and of whom.
struct Wish {
    const ProfileName& profile;
    DesiredState state;
};

/// What the volume refuses to record is not done: the next boot would undo it. Who insists on a
/// stop is told the supervisor's own way, which lasts until then.
Error unrecorded(Error error, const Operator& by, const sys::Directory& directory, Wish wish) {
    const std::string place = shell_quote(directory.path());
    const auto info = directory.own_info();
    if (error.code == Errc::not_permitted && info && info->uid != sys::effective_uid()) {
        return std::move(error).advise(
            fmt::format("run it as the owner of {} (uid {}), or as root", place, info->uid));
    }
    std::string next = "df -h " + place + "; ls -ld " + place;
    const auto plainly = by.manager.plain_stop(wish.profile);
    if (wish.state == DesiredState::stopped && !plainly.empty()) {
        next += "; down until the next boot: " + plainly;
    }
    return std::move(error)
        .within("the next boot would undo what is not recorded")
        .advise(std::move(next));
}

Result<sys::FileLock> lock_for_intent(const Operator& by, const sys::Directory& directory,
                                      Wish wish) {
    auto lock = store::lock_operations(by.effects, directory);
    if (!lock && lock.error().code != Errc::timed_out) {
        return std::unexpected(unrecorded(std::move(lock.error()), by, directory, wish));
    }
    return lock;
}

/// The service once its supervisor knows of its last end: what follows an end that it has not seen
/// yet would be taken for what follows the command.
Result<ObservedService> observe_settled(const Operator& by, const ProfileName& profile) {
    auto service = by.manager.observe_process(profile);
    (void)sys::poll_until(sys::Deadline(notice_time), [&] {
        if (!service || !service->up || service->process) {
            return true;
        }
        service = by.manager.observe_process(profile);
        return false;
    });
    return service;
}

/// What an operation acts on, looked at under the lock: what an operation before this one has done
/// to it is done.
struct Target {
    sys::Directory directory;
    sys::FileLock lock;
    ObservedService service;
    std::optional<ProcessIdentity> outside; ///< who holds the profile besides it
};

Result<Target> lock_target(const Operator& by, Wish wish, Result<sys::Directory> directory) {
    if (!directory) {
        return std::unexpected(std::move(directory.error()));
    }
    auto lock = lock_for_intent(by, *directory, wish);
    if (!lock) {
        return std::unexpected(std::move(lock.error()));
    }
    auto service = observe_settled(by, wish.profile);
    if (!service) {
        return std::unexpected(std::move(service.error()));
    }
    const auto outside = holder_outside(by.home, *directory, *service);
    return Target{std::move(*directory), std::move(*lock), std::move(*service), outside};
}

/// For stop and restart, which never register.
Result<Target> lock_registered(const Operator& by, Wish wish) {
    const auto& profile = wish.profile;
    // Before the lock, so that nothing is written for a profile that is not registered.
    const auto known = by.manager.is_registered(profile);
    if (!known || !*known) {
        return std::unexpected(known ? not_registered(by, profile) : known.error());
    }
    auto target = lock_target(by, wish, directory_of_registered(by, profile));
    if (target && !target->service.registered) {
        return std::unexpected(not_registered(by, profile));
    }
    return target;
}

/// What became of a command that failed: its tool may have been killed at its deadline, or refused
/// something by the container after it had reached the supervisor. The supervisor is asked.
enum class Outcome { taken, not_taken, unknown };

Outcome outcome_of_failed(const Operator& by, const ObservedService& before, DesiredState wanted,
                          const Pending& pending, const Error& why) {
    const bool wants_up = wanted == DesiredState::running;
    Result<ObservedService> now;
    const bool taken = sys::poll_until(sys::Deadline(settle_time), [&] {
        now = by.manager.observe_process(pending.profile);
        return now && now->wants_up == wants_up &&
               (before.wants_up != wants_up || now->process != before.process);
    });
    if (taken) {
        return Outcome::taken;
    }
    // Of a restart nothing is to be seen before the process that was there has ended.
    const bool may_be_under_way = !now || pending.watch.goal == Goal::replaced;
    return why.code == Errc::timed_out && may_be_under_way ? Outcome::unknown : Outcome::not_taken;
}

/// The command has failed: nothing was asked for.
Error take_back(const Operator& by, const sys::Directory& profile,
                const store::IntentChange& change, Error why) {
    withdraw_end(by, profile);
    const auto back = store::give_intent_back(by.effects, profile, change);
    return back ? std::move(why)
                : std::move(why).within("the intent is recorded, and could not be given back: " +
                                        back.error().message);
}

Result<void> settle_failed(const Operator& by, const Target& target, Pending& pending, Error why) {
    switch (outcome_of_failed(by, target.service, pending.intent->wanted, pending, why)) {
    case Outcome::taken:
        pending.warnings.push_back(finding(FindingCode::command_unconfirmed, pending.profile.str(),
                                           "the command failed, and the supervisor has taken it",
                                           why.message));
        return {};
    case Outcome::unknown:
        return std::unexpected(
            std::move(why).within("the intent is recorded, and counts at the next boot; whether "
                                  "the supervisor has taken the command is not known"));
    case Outcome::not_taken:
        break;
    }
    return std::unexpected(take_back(by, target.directory, *pending.intent, std::move(why)));
}

/// Intent, then command; the intent is given back, and the end is not planned any more, when the
/// command fails.
template <class Command>
Result<void> with_intent(const Operator& by, const Target& target, DesiredState wanted,
                         std::string_view verb, Pending& pending, const Command& command) {
    const sys::Directory& profile = target.directory;
    const auto change = store::record_intent(
        by.effects, profile, wanted,
        store::provenance_now("gatewayctl " + std::string(verb), "operator", by.note));
    if (!change) {
        return std::unexpected(unrecorded(change.error(), by, profile, {pending.profile, wanted}));
    }
    pending.intent = *change;
    if (!change->mirror_problem.empty()) {
        pending.warnings.push_back(finding(FindingCode::mirror_not_written, pending.profile.str(),
                                           "desired_state could not be mirrored",
                                           change->mirror_problem));
    }
    pending.commanded = std::chrono::steady_clock::now();
    auto done = command();
    return done ? std::move(done) : settle_failed(by, target, pending, std::move(done.error()));
}

/// An operator who wants it up takes a parked gateway out and gives it its whole death budget.
void unpark(const Operator& by, const sys::Directory& profile, Pending& pending) {
    if (const auto done = store::unpark(by.effects, profile); !done) {
        pending.warnings.push_back(finding(FindingCode::still_parked, pending.profile.str(),
                                           "it stays parked for the next boot",
                                           done.error().message));
    }
}

Pending pending_for(const ProfileName& profile, Goal goal, const ObservedService& service) {
    Pending pending;
    pending.profile = profile;
    pending.watch.goal = goal;
    pending.watch.before = service.process;
    pending.watch.change_before = service.change;
    return pending;
}

/// Announces the end of all that runs the gateway now. The marker is for who holds the profile, the
/// note for whoever hears of the end of the supervised process.
void announce_ends(const Operator& by, const Target& target, std::string_view verb,
                   Pending& pending) {
    const auto& supervised = target.service.process;
    if (target.outside) {
        // "restart" would make one without a supervisor start again in place.
        announce_end(by, target.directory, *target.outside, "stop", pending);
        pending.watch.outside = target.outside;
    }
    if (supervised && target.outside) {
        (void)store::note_planned_end(by.effects, target.directory, *supervised, pending.intent);
    } else if (supervised) {
        announce_end(by, target.directory, *supervised, verb, pending);
    }
}

/// The command was taken; what the supervisor cannot reach is told, too.
void tell_outside(const Pending& pending) {
    if (pending.watch.outside) {
        tell_to_end(*pending.watch.outside);
    }
}

Result<void> register_if_needed(const Operator& by, const Target& target,
                                const ProfileName& profile) {
    if (target.service.registered) {
        return {};
    }
    if (!by.manager.traits().registers) {
        return std::unexpected(only_installed(by, profile));
    }
    const auto done = register_locked(by, profile, target.directory, {});
    return done ? Result<void>{} : std::unexpected(done.error());
}

} // namespace

Result<Pending> begin_stop(const Operator& by, const ProfileName& profile) {
    const auto share = share_volume(by, "stop", profile);
    if (!share) {
        return std::unexpected(in_verb(share.error(), "stop", profile));
    }
    const auto target = lock_registered(by, {profile, DesiredState::stopped});
    if (!target) {
        return std::unexpected(in_verb(target.error(), "stop", profile));
    }
    const auto& service = target->service;
    Pending pending = pending_for(profile, Goal::down, service);
    auto done = with_intent(by, *target, DesiredState::stopped, "stop", pending, [&] {
        announce_ends(by, *target, "stop", pending);
        pending.note_before = note_before_stop(by.home, profile);
        return service.supervised ? by.manager.stop(by.effects, profile)
                                  : by.manager.hold_down(by.effects, profile);
    });
    if (!done) {
        return std::unexpected(in_verb(std::move(done.error()), "stop", profile));
    }
    tell_outside(pending);
    return pending;
}

Result<Pending> begin_start(const Operator& by, const ProfileName& profile) {
    const auto share = share_volume(by, "start", profile);
    auto here = share ? check_runs_here(by, profile) : std::unexpected(share.error());
    if (!here) {
        return std::unexpected(in_verb(std::move(here.error()), "start", profile));
    }
    const auto target = lock_target(by, {profile, DesiredState::running}, by.home.require(profile));
    if (!target) {
        return std::unexpected(in_verb(target.error(), "start", profile));
    }
    const auto& service = target->service;
    const bool leaving = service.process && !service.wants_up;
    if (service.registered && (leaving || !service.process)) {
        if (auto fresh = renew(by, profile); !fresh) {
            return std::unexpected(in_verb(std::move(fresh.error()), "start", profile));
        }
    }
    Pending pending = pending_for(profile, leaving ? Goal::replaced : Goal::up, service);
    auto done =
        with_intent(by, *target, DesiredState::running, "start", pending, [&]() -> Result<void> {
            if (auto there = register_if_needed(by, *target, profile); !there) {
                return there;
            }
            unpark(by, target->directory, pending);
            if (leaving) {
                // Whoever hears of this end must not take it for one after which nothing follows.
                (void)store::note_planned_end(by.effects, target->directory, *service.process,
                                              pending.intent);
            }
            return by.manager.start(by.effects, profile);
        });
    if (!done) {
        return std::unexpected(in_verb(std::move(done.error()), "start", profile));
    }
    return pending;
}

namespace {

/// `s6-svc -dU`. Between the look and the command the supervisor may have replaced the process: the
/// command ends the one that was there when it came, and the life after that one counts.
Result<void> restart_what_is_there(const Operator& by, Pending& pending) {
    const auto asked = sys::now().since_boot;
    auto told = by.manager.restart(by.effects, pending.profile);
    const auto there = told && by.manager.traits().registers
                           ? by.manager.observe_process(pending.profile)
                           : ObservedService{};
    if (there && there->process && there->process != pending.watch.before) {
        constexpr BootClock one_tick{10}; // a start is known to that
        const auto began = there->process->start_time;
        const bool was_there = began && sys::started_since_boot(*began) + one_tick < asked;
        pending.watch.before = was_there ? there->process : pending.watch.before;
    }
    return told;
}

} // namespace

Result<Pending> begin_restart(const Operator& by, const ProfileName& profile) {
    const auto share = share_volume(by, "restart", profile);
    if (!share) {
        return std::unexpected(in_verb(share.error(), "restart", profile));
    }
    const auto target = lock_registered(by, {profile, DesiredState::running});
    if (!target) {
        return std::unexpected(in_verb(target.error(), "restart", profile));
    }
    auto fresh = check_runs_here(by, profile);
    fresh = fresh ? renew(by, profile) : std::move(fresh);
    if (!fresh) {
        return std::unexpected(in_verb(std::move(fresh.error()), "restart", profile));
    }
    const auto& service = target->service;
    const bool replaces = service.process || target->outside;
    Pending pending = pending_for(profile, replaces ? Goal::replaced : Goal::up, service);
    auto done = with_intent(by, *target, DesiredState::running, "restart", pending, [&] {
        unpark(by, target->directory, pending);
        announce_ends(by, *target, "restart", pending);
        return service.process ? restart_what_is_there(by, pending)
                               : by.manager.start(by.effects, profile);
    });
    if (!done) {
        return std::unexpected(in_verb(std::move(done.error()), "restart", profile));
    }
    tell_outside(pending);
    return pending;
}

} // namespace gw::operate
