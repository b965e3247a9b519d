/// How long the hook of a container's end may wait for its gateways. Pure.
#pragma once

#include "rules/time_limits.hpp"

#include <optional>
#include <string>

namespace gw::operate {

/// s6-overlay kills a cont-finish.d script after S6_KILL_FINISH_MAXTIME; this much earlier the last
/// lines are out. The drains themselves go on in the init's grace.
inline constexpr milliseconds before_finish_is_killed{300};
/// Its default (README of s6-overlay).
inline constexpr milliseconds default_finish_maxtime{5000};

/// The wait that S6_KILL_FINISH_MAXTIME leaves. `finish_maxtime` is the text of that variable, in
/// milliseconds; without it, or where it is no positive number, the default of s6-overlay counts.
/// Never negative, and never longer than the supervisor itself waits for a gateway.
milliseconds drain_deadline(const std::optional<std::string>& finish_maxtime,
                            seconds drain_timeout);

} // namespace gw::operate
