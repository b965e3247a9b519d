/// What an operator says of a member of a fleet.
#pragma once

#include "base/error.hpp"
#include "base/profile_name.hpp"
#include "rules/fleet_keys.hpp"
#include "rules/fleet_settings.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace gw::fleet {

enum class Mark {
    cordon, ///< it takes nothing new
    drain,  ///< it gives away what it has, and takes nothing
};

/// Errc::not_found for a member that does not live; it is marked all the same, for when it comes.
Result<void> mark(const FleetSettings& settings, const std::string& member, Mark mark,
                  std::chrono::milliseconds patience);

/// Takes every mark of a member away.
Result<void> unmark(const FleetSettings& settings, const std::string& member,
                    std::chrono::milliseconds patience);

/// Looks until it is so; `told` hears of each look. Errc::timed_out, with `still`.
struct Wait {
    std::chrono::milliseconds longest;
    std::function<bool(const FleetPicture&)> is_so;
    std::function<void(const FleetPicture&)> told;
    std::string still;
};
Result<FleetPicture> wait_until(const FleetSettings& settings, const Wait& wait);

/// Whether a member has the volume, or the place of any gateway.
bool has_something(const FleetPicture& fleet, const std::string& member);

/// From now on the gateway's place is that member's, as long as it lives and is not drained.
/// Errc::not_found where no such member lives.
Result<void> pin(const FleetSettings& settings, const ProfileName& profile,
                 const std::string& member, std::chrono::milliseconds patience);
/// The placement decides again.
Result<void> unpin(const FleetSettings& settings, const ProfileName& profile,
                   std::chrono::milliseconds patience);

} // namespace gw::fleet
