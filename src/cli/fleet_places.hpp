/// Where single gateways have their place, for `fleet status NAME`.
#pragma once

#include "base/json_fields.hpp"
#include "rules/fleet_keys.hpp"
#include "rules/fleet_settings.hpp"

#include <string>
#include <vector>

namespace gw::cli {

/// One gateway, and who has it.
struct PlaceOf {
    std::string profile;
    const FleetPicture::Owner* owner = nullptr; ///< nullptr: nobody
    std::string pinned{};                       ///< the member to which somebody has moved it
};

/// `fleet` outlives the answer. With one place for the whole volume it is that one for all.
std::vector<PlaceOf> places_of(const FleetPicture& fleet, Spread spread,
                               const std::vector<std::string>& profiles);

std::string to_text(const std::vector<PlaceOf>& places);
Json to_json(const std::vector<PlaceOf>& places);

} // namespace gw::cli
