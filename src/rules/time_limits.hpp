/// Every time limit of the tool, for every backend, from one formula.
#pragma once

#include <algorithm>
#include <chrono>

namespace gw {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long a gateway may finish its current work when nothing else is said.
inline constexpr seconds default_drain_timeout{60};
/// Longest drain that is accepted: a day. Above it a number is a mistake, not a wish.
inline constexpr seconds max_drain_timeout{86400};

/// After this long the supervisor sends SIGKILL: drain (at least 60 s) and 30 s to tear down
/// (field report #31981: a fixed limit below the drain kills gateways that finish cleanly).
constexpr seconds kill_timeout(seconds drain) {
    return std::max(seconds{60}, drain) + seconds{30};
}

/// How long the command line waits for a stop: it must outlast the supervisor's own SIGKILL
/// (field report #25966), which needs a moment to be carried out and seen.
constexpr seconds stop_deadline(seconds drain) {
    return kill_timeout(drain) + seconds{10};
}

/// How long a start may take until the process is up, or ready where readiness is told.
inline constexpr seconds start_deadline{60};

/// Age at which a planned-stop or takeover marker no longer counts.
inline constexpr seconds marker_time_to_live{60};

/// Longest run of one of the supervisor's own tools, none of which waits for the gateway.
inline constexpr seconds tool_deadline{10};

/// Longest run of a slot's finish script: the longest pause before a restart (longest_pause in
/// rules/death_budget.hpp) and time to write.
inline constexpr seconds finish_limit{40};

/// How many deaths s6-supervise remembers (`max-death-tally`): the death budget is counted in them.
inline constexpr int death_tally_size = 10;

} // namespace gw
