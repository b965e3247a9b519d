#include "rules/operation.hpp"

#include <algorithm>
#include <array>

namespace gw {

namespace {

constexpr Elapsed never = Elapsed::max();

Answer wait(Elapsed look_again) {
    return {Act::wait, Failure::none, look_again};
}

Answer failed(Failure failure) {
    return {Act::failed, failure, never};
}

constexpr Answer done{Act::done, Failure::none, never};

/// Waits until the moment `end`; what then is still so is a failure.
Answer wait_until(Elapsed end, Elapsed now, Failure failure) {
    return now < end ? wait(end) : failed(failure);
}

/// The process that was there still runs.
Answer while_it_lives(Watch& watch, Elapsed now) {
    if (watch.killed) {
        return wait_until(*watch.killed + kill_time, now, Failure::still_lives);
    }
    if (now < watch.limits.stop) {
        return wait(watch.limits.stop);
    }
    if (watch.escalation == Escalation::none) {
        return failed(Failure::still_lives);
    }
    watch.killed = now;
    return {Act::kill, Failure::none, now + kill_time};
}

/// A process that was gone just before its time was over must still be seen to be gone.
Elapsed notice_end(const Watch& watch) {
    return std::max(watch.limits.stop, *watch.gone + notice_time);
}

/// Whether something has happened to it since the command, or since the end of the process that
/// was to be replaced: before that the supervisor still tells of the time before.
bool has_acted(const Watch& watch, const ObservedService& service, Elapsed now) {
    return watch.change_before.empty() ? now >= *watch.supervised + settle_time
                                       : service.change != watch.change_before;
}

Elapsed start_end(const Watch& watch) {
    return watch.gone ? *watch.gone + between_lives + watch.limits.start : watch.limits.start;
}

Answer while_unwanted(Watch& watch, const ObservedService& service, Elapsed now) {
    if (service.up && !service.process) {
        // systemd has not decided yet: what follows the process has not ended.
        return wait_until(start_end(watch), now, Failure::not_up);
    }
    const bool acted = has_acted(watch, service, now);
    const bool told_apart = !watch.change_before.empty();
    if (acted || (watch.wanted && !told_apart)) {
        return failed(Failure::ended_for_good);
    }
    // The end of an earlier life may have undone the command: `finish` answers after it was given.
    watch.unwanted = watch.unwanted.value_or(now);
    const Elapsed undone = *watch.unwanted + settle_time;
    if (now < undone) {
        return wait(std::min(undone, start_end(watch)));
    }
    if (watch.commands >= most_commands) {
        return wait_until(start_end(watch), now, Failure::not_up);
    }
    ++watch.commands;
    watch.unwanted.reset();
    return {Act::command, Failure::none, now + settle_time};
}

Answer while_down(Watch& watch, const ObservedService& service, Elapsed now) {
    if (!has_acted(watch, service, now) || !service.last_exit) {
        return wait_until(start_end(watch), now, Failure::not_up);
    }
    // What its end means is known when `finish` has answered.
    watch.ended = watch.ended.value_or(now);
    return wait_until(std::min(*watch.ended + settle_time, start_end(watch)), now,
                      Failure::ended_and_retried);
}

Answer while_up(Watch& watch, const ObservedService& service, Elapsed now) {
    if (service.ready) {
        return *service.ready ? done : wait_until(start_end(watch), now, Failure::not_up);
    }
    if (watch.goal == Goal::up && watch.before == service.process) {
        return done; // it was up already
    }
    if (watch.sighted != service.process) {
        watch.sighted = service.process;
        watch.sighted_at = now;
    }
    const Elapsed settled = watch.sighted_at + settle_time;
    return now >= settled ? done : wait(settled);
}

/// A process has to come up.
Answer while_it_comes(Watch& watch, const ObservedService& service, Elapsed now) {
    if (!service.supervised) {
        return wait_until(start_end(watch), now, Failure::not_up);
    }
    watch.supervised = watch.supervised.value_or(now);
    watch.wanted = watch.wanted || service.wants_up;
    if (!service.wants_up) {
        return while_unwanted(watch, service, now);
    }
    watch.unwanted.reset();
    return service.up && service.process ? while_up(watch, service, now)
                                         : while_down(watch, service, now);
}

Answer when_gone(Watch& watch, const Seen& look, Elapsed now) {
    if (!look.service.up && !look.service.wants_up) {
        // The kernel gives a lock back when its holder's end is complete.
        return look.held_elsewhere
                   ? wait_until(*watch.gone + notice_time, now, Failure::held_elsewhere)
                   : done;
    }
    return wait_until(notice_end(watch), now, Failure::not_down);
}

} // namespace

std::string_view to_string(Failure failure) {
    constexpr std::array<std::string_view, 7> names = {
        "none",   "still-lives",    "held-elsewhere",   "not-down",
        "not-up", "ended-for-good", "ended-and-retried"};
    static_assert(names.size() == static_cast<std::size_t>(Failure::ended_and_retried) + 1);
    return names.at(static_cast<std::size_t>(failure));
}

Answer step(Watch& watch, const Seen& look, Elapsed now) {
    const auto& service = look.service;
    const bool was_up = watch.before && service.process != watch.before;
    if (watch.goal == Goal::up && (!was_up || look.before_lives)) {
        return while_it_comes(watch, service, now);
    }
    if (watch.goal == Goal::up) {
        // It was up, and an earlier command has ended it since: the life after that one counts.
        watch.goal = Goal::replaced;
    }
    if (look.before_lives) {
        return while_it_lives(watch, now);
    }
    watch.gone = watch.gone.value_or(now);
    if (watch.goal == Goal::down) {
        return when_gone(watch, look, now);
    }
    // systemd and launchd replace it without a moment in between.
    const bool another = service.process && service.process != watch.before;
    if (!watch.down_seen && service.up && !another) {
        return wait_until(notice_end(watch), now, Failure::not_down);
    }
    if (!watch.down_seen) {
        watch.down_seen = true;
        // What is seen now is the end that was asked for; only what changes from here on is news.
        watch.change_before = another ? std::string() : service.change;
    }
    return while_it_comes(watch, service, now);
}

} // namespace gw
