/// An operator's verb for a gateway that another member has.
#pragma once

#include "base/error.hpp"
#include "rules/fleet_asks.hpp"
#include "rules/fleet_settings.hpp"

#include <chrono>

namespace gw::fleet {

/// Writes it down for the member that has the gateway, and waits for its answer. Errc::timed_out:
/// nobody has begun with it, and nobody will; or somebody has, and what came of it is not known,
/// which the message says. Whoever asks may die: what was begun is carried out.
Result<FleetAnswer> ask(const FleetSettings& settings, const FleetAsk& ask,
                        std::chrono::milliseconds longest);

} // namespace gw::fleet
