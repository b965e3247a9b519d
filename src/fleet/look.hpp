/// One look at a fleet, for people.
#pragma once

#include "base/error.hpp"
#include "rules/fleet_keys.hpp"
#include "rules/fleet_settings.hpp"

#include <chrono>

namespace gw::fleet {

/// Errc::timed_out or Errc::io, with the endpoint that was asked last, where no member of etcd
/// answers within the time.
Result<FleetPicture> look(const FleetSettings& settings, std::chrono::milliseconds patience);
/// The same, with the time of each member's lease: a request more for each of them.
Result<FleetPicture> look_at_leases(const FleetSettings& settings,
                                    std::chrono::milliseconds patience);

} // namespace gw::fleet
