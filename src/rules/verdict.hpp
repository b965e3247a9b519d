/// The end of a gateway's life: one rule for what is recorded and with which code the process ends,
/// on every path (a signal, a marker, a restart, the child's own end, also before there is a
/// child). Pure: no system call, no clock.
#pragma once

#include "base/process.hpp"

#include <optional>
#include <string_view>

namespace gw {

/// What told the gateway to stop.
enum class StopSignal {
    none,
    terminate,          ///< SIGTERM, SIGQUIT, a SIGINT that another process sent, a hangup
    terminal_interrupt, ///< Ctrl-C: somebody sits there and means it
};

/// What the marker that names this gateway says.
enum class MarkerSaid {
    nothing, ///< there is none
    stop,
    restart, ///< a planned stop with the reason "restart"
    takeover,
};

enum class LifePhase { starting, ready };

/// How far the drain came.
enum class DrainEnd {
    not_needed, ///< the child ended by itself, nobody asked
    drained,
    timed_out, ///< SIGKILL ended it
};

struct EndOfLife {
    StopSignal signal = StopSignal::none;
    MarkerSaid marker = MarkerSaid::nothing;
    bool restart_asked = false; ///< SIGUSR1, or `restart_requested` in the state file
    LifePhase phase = LifePhase::starting;
    ChildEnd child;
    DrainEnd drain = DrainEnd::not_needed;
    /// It had to end because this member may not run it any longer (rules/fence.hpp).
    bool fenced = false;
};

/// Which row of the table decided. Those that somebody asked for come first.
enum class EndCause {
    planned_stop,
    terminal_interrupt,
    takeover,
    restart,
    fenced,
    unmarked_signal,
    finished,
    bad_config,
    failed_to_start,
    crashed,
};
std::string_view to_string(EndCause cause);
std::optional<EndCause> parse_end_cause(std::string_view word);

/// Whether somebody asked for such an end, be it that the drain did not end in time.
bool was_asked_for(EndCause cause);

/// What `gateway_state` says after the end.
enum class EndState { stopped, running, startup_failed };
std::string_view to_string(EndState state);

struct Verdict {
    EndCause cause = EndCause::crashed;
    EndState state = EndState::running;
    int exit_code = 1;
    /// For the lifecycle record: the end was asked for or announced, and reached without SIGKILL.
    bool clean = false;

    friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// First match wins:
///
/// | # | how it ended                                     | state          | exit code       |
/// |---|--------------------------------------------------|----------------|-----------------|
/// | 1 | takeover marker                                  | stopped        | 0               |
/// | 2 | planned stop (marker)                            | stopped        | 0               |
/// | 3 | Ctrl-C on its terminal                           | stopped        | 0               |
/// | 4 | restart asked for (marker, SIGUSR1, state file)  | stopped        | 75              |
/// | 5 | by the fence of this member                      | running        | 75              |
/// | 6 | unmarked signal                                  | running        | 1               |
/// | 7 | child exits 0 by itself                          | stopped        | 0               |
/// | 8 | child exits 75 by itself                         | stopped        | 75              |
/// | 9 | child exits 78                                   | startup_failed | 78              |
/// |10 | child dies before it was ready                   | startup_failed | the child's     |
/// |11 | child dies later                                 | running        | the child's     |
///
/// After the fence's end it is to run again: here, when this member has its place again, or in the
/// one that gets it, which finds what a container's stop leaves behind.
/// An operator's stop beats a restart that was asked for before it. A request in the state file by
/// a gateway that then dies of a signal, with nobody asking, is a crash: it must not escape the
/// death budget.
Verdict judge_end(const EndOfLife& end);

/// Exit code of a gateway that wants to be started again (EX_TEMPFAIL; field report #104251).
inline constexpr int restart_exit_code = 75;
/// Exit code of a gateway that no restart can heal (EX_CONFIG; field report #51228).
inline constexpr int config_exit_code = 78;
/// Exit code after an unmarked signal: not a success, so that every supervisor starts it again.
inline constexpr int unmarked_exit_code = 1;

} // namespace gw
