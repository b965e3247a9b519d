/// Start, stop and restart after their command was accepted: a state machine that only watches.
///
/// An operation has no second half in its caller. What was asked for is on the volume and with the
/// supervisor when the command returns; whoever asked may die, be interrupted or run out of time,
/// and the gateway still becomes what was asked for. This machine decides when that has been seen,
/// when it has failed, and the two acts that are left to a caller who is still there: SIGKILL when
/// he asked for force, and the command once more when the end of an earlier life undid it (never
/// against a later intent). Pure: no system call, no clock.
///
/// What one look shows, by goal, first match wins. `before` is the process that was there at the
/// time of the command; it is gone when this very process (pid and start time) does not run.
///
/// | goal           | seen                                                 | answer                    |
/// |----------------|------------------------------------------------------|---------------------------|
/// | down, replaced | `before` lives, its time is not over                 | wait                      |
/// | down, replaced | `before` lives at the end of it, force was asked     | kill, then wait           |
/// | down, replaced | `before` lives at the end of it                      | failed: still lives       |
/// | down           | `before` is gone; neither up nor wanted up           | done                      |
/// | down           | `before` is gone; not seen by the supervisor yet, or | wait, then failed: not    |
/// |                | a later command wants it up                          | down                      |
/// | replaced       | `before` is gone; the supervisor still shows it      | wait, then failed: not    |
/// |                |                                                      | down                      |
/// | up, replaced   | nothing supervises it                                | wait, then failed: not up |
/// | up             | the process of `before` is up and wanted up          | done                      |
/// | up             | `before` is gone since                               | as replaced               |
/// | up, replaced   | another process is up, and ready where it tells,     | done                      |
/// |                | else for `settle_time`                               |                           |
/// | up, replaced   | not wanted up, and its end is not over: up without a | wait, then failed: not up |
/// |                | process                                              |                           |
/// | up, replaced   | not wanted up; nothing has changed since the command | wait for `settle_time`,   |
/// |                | (or since the end of `before`)                       | then command              |
/// | up, replaced   | not wanted up any more                               | failed: ended for good    |
/// | up, replaced   | down and wanted up; it has ended since the command   | wait for `settle_time`,   |
/// |                |                                                      | then failed: ended, the   |
/// |                |                                                      | supervisor keeps trying   |
/// | up, replaced   | anything else                                        | wait, then failed: not up |
#pragma once

#include "rules/observed_service.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// Since the command was accepted.
using Elapsed = std::chrono::milliseconds;

enum class Goal {
    down,     ///< the process is gone and the supervisor does not want it up
    up,       ///< a process is up, and ready where it tells
    replaced, ///< as up, and not the process that was there before
};

/// What to do with a process that still lives at the end of its time.
enum class Escalation { none, kill };

/// Without readiness, a process that has lived this long counts as started: one that cannot even
/// load its program is gone within a few milliseconds. As long, a supervisor may take to take a
/// command in, or to think about an end.
inline constexpr Elapsed settle_time{300};
/// How long a process may take to die of SIGKILL.
inline constexpr Elapsed kill_time{5000};
/// How long a supervisor may take to see that its process is dead.
inline constexpr Elapsed notice_time{5000};
/// s6-supervise starts the next life a second after `finish` has ended (measured with s6 2.11), and
/// `finish` takes a moment itself: so much longer than a start may a replacement take.
inline constexpr Elapsed between_lives{2000};
/// How often a command is given again that the end of an earlier life has undone.
inline constexpr int most_commands = 3;

/// The time limits of one operation.
struct OperationLimits {
    Elapsed stop{};  ///< for the end of the process that was there
    Elapsed start{}; ///< for the process that comes
};

/// One operation on one gateway, from one look to the next.
struct Watch {
    Goal goal = Goal::down;
    std::optional<ProcessIdentity> before;
    /// A process that held the profile outside of the supervisor; it is to end, too.
    std::optional<ProcessIdentity> outside{};
    /// `ObservedService::change` just before the command.
    std::string change_before;
    OperationLimits limits;
    Escalation escalation = Escalation::none;

    // What the looks so far have shown.
    std::optional<Elapsed> killed;          ///< when SIGKILL was sent
    std::optional<Elapsed> gone;            ///< when `before` was first seen to be gone
    bool down_seen = false;                 ///< replaced: the supervisor has seen that end
    bool wanted = false;                    ///< the supervisor has taken the command in
    std::optional<Elapsed> supervised;      ///< since when a supervisor is there
    std::optional<Elapsed> unwanted;        ///< since when it is not wanted up, and nothing changed
    std::optional<Elapsed> ended;           ///< when the new life was first seen to have ended
    std::optional<ProcessIdentity> sighted; ///< the new process …
    Elapsed sighted_at{};                   ///< … and since when
    int commands = 1;
};

/// What one look at the system shows.
struct Seen {
    ObservedService service;
    /// The very process of `Watch::before` or `Watch::outside` runs, whoever supervises it.
    bool before_lives = false;
    /// Neither does, and yet the profile's run lock is held: by a process that is not in sight.
    bool held_elsewhere = false;
};

enum class Act {
    wait,
    command, ///< give the start command once more
    kill,    ///< SIGKILL to what is left
    done,
    failed,
};

/// Why an operation has failed.
enum class Failure {
    none,
    still_lives,       ///< the process survives its time
    held_elsewhere,    ///< it is down here, and a process that is not in sight holds the profile
    not_down,          ///< it is gone, but the supervisor has it up, or wants it up
    not_up,            ///< the time is over, and it is not up (or not ready)
    ended_for_good,    ///< it ended at once and is not started again
    ended_and_retried, ///< it ended at once; its supervisor keeps trying
};
std::string_view to_string(Failure failure);

struct Answer {
    Act act = Act::wait;
    Failure failure = Failure::none;
    /// When to look again at the latest, since the command, if nothing is heard of before.
    Elapsed look_again{};

    friend bool operator==(const Answer&, const Answer&) = default;
};

/// One step: what follows from this look, now. `watch` remembers what it needs for the next one.
Answer step(Watch& watch, const Seen& look, Elapsed now);

} // namespace gw
