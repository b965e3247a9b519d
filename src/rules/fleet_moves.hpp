/// Which gateways of a fleet are not where the placement wants them. Pure.
#pragma once

#include "rules/fleet_keys.hpp"
#include "rules/placement.hpp"

#include <span>
#include <string>
#include <vector>

namespace gw {

/// For each profile the name of the member that is to have it; empty: of those that live none may
/// take it.
std::vector<std::string> placement_of(const FleetPicture& fleet,
                                      std::span<const std::string> profiles);

/// A gateway on its way.
struct FleetMove {
    std::string profile;
    std::string from; ///< who has its place; empty: nobody
    std::string to;   ///< empty: nobody may take it now
};
/// Of these profiles, in their order.
std::vector<FleetMove> moves_of(const FleetPicture& fleet, std::span<const std::string> profiles);

} // namespace gw
