#include "cli/fleet_places.hpp"

#include "base/text.hpp"
#include "cli/output.hpp"

namespace gw::cli {

std::vector<PlaceOf> places_of(const FleetPicture& fleet, Spread spread,
                               const std::vector<std::string>& profiles) {
    std::vector<PlaceOf> places;
    places.reserve(profiles.size());
    for (const auto& profile : profiles) {
        PlaceOf one{profile};
        const auto place = fleet.places.find(profile);
        if (spread == Spread::volume) {
            one.owner = fleet.owner ? &*fleet.owner : nullptr;
        } else if (place != fleet.places.end()) {
            one.owner = &place->second;
        }
        if (const auto pin = fleet.pins.find(profile); pin != fleet.pins.end()) {
            one.pinned = pin->second;
        }
        places.push_back(std::move(one));
    }
    return places;
}

std::string to_text(const std::vector<PlaceOf>& places) {
    Table table({"PROFILE", "MEMBER", "HOST", "MOVED TO"});
    for (const auto& one : places) {
        table.add({printable(one.profile), one.owner ? printable(one.owner->member.name) : "nobody",
                   one.owner ? printable(one.owner->member.host) : "-",
                   one.pinned.empty() ? "-" : printable(one.pinned)});
    }
    return table.text(columns_of_stdout());
}

Json to_json(const std::vector<PlaceOf>& places) {
    auto list = Json::array();
    for (const auto& one : places) {
        list.push_back({{"profile", printable(one.profile)},
                        {"member", one.owner ? words_or_null(one.owner->member.name) : Json()},
                        {"host", one.owner ? words_or_null(one.owner->member.host) : Json()},
                        {"token", one.owner ? Json(one.owner->token) : Json()},
                        {"pinned", words_or_null(one.pinned)}});
    }
    return list;
}

} // namespace gw::cli
