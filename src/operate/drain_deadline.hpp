/// How long the hook of a container's end may wait for its gateways. Pure.
#pragma once

#include "rules/time_limits.hpp"

#include <optional>
#include <string>

namespace gw::operate {

/// s6-overlay kills a cont-finish.d script after S6_KILL_FINISH_MAXTIME, where that is set; this
/// much earlier the last lines are out. The drains themselves go on in the init's grace.
inline constexpr milliseconds before_finish_is_killed{300};
/// For a value that is no number: what the README of s6-overlay calls the default. Its script (3.2)
/// has no limit without the variable.
inline constexpr milliseconds cautious_finish_maxtime{5000};

/// The wait that S6_KILL_FINISH_MAXTIME leaves. `finish_maxtime` is the text of that variable, in
/// milliseconds; unset and 0 are no limit. Never negative, and never longer than the supervisor
/// itself waits for a gateway.
milliseconds drain_deadline(const std::optional<std::string>& finish_maxtime,
                            seconds drain_timeout);

} // namespace gw::operate
