#include "base/text.hpp"
#include "cli/fleet_verbs.hpp"
#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "fleet/look.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::cli {

namespace {

constexpr milliseconds look_time{5'000};

std::string_view state_of(const FleetPicture::Member& one) {
    return one.drains ? "draining" : one.cordoned ? "cordoned" : "ready";
}

bool owns(const FleetPicture& fleet, const FleetPicture::Member& one) {
    return fleet.owner && fleet.owner->lease == one.lease;
}

std::size_t places_of(const FleetPicture& fleet, const FleetPicture::Member& one) {
    return static_cast<std::size_t>(std::ranges::count_if(
        fleet.places, [&](const auto& place) { return place.second.lease == one.lease; }));
}

std::string has_text(const FleetPicture& fleet, const FleetPicture::Member& one,
                     const FleetSettings& settings) {
    if (settings.spread == Spread::gateway) {
        return fmt::format("{} gateways", places_of(fleet, one));
    }
    return owns(fleet, one) ? "the volume" : "-";
}

std::string summary(const FleetPicture& fleet, const FleetSettings& settings) {
    if (settings.spread == Spread::gateway) {
        return fmt::format("{} gateways have a place", fleet.places.size());
    }
    return fleet.owner ? fmt::format("{} has the volume, token {}",
                                     printable(fleet.owner->member.name), fleet.owner->token)
                       : std::string("nobody has the volume");
}

std::string to_text(const FleetPicture& fleet, const FleetSettings& settings) {
    Table table({"MEMBER", "STATE", "HAS", "CAPACITY", "SINCE", "HOST"});
    for (const auto& one : fleet.members) {
        table.add({printable(one.member.name), std::string(state_of(one)),
                   has_text(fleet, one, settings), std::to_string(one.member.capacity),
                   printable(one.member.since), printable(one.member.host)});
    }
    return table.text(columns_of_stdout()) +
           fmt::format("{} members, {}; {}\n", fleet.members.size(), summary(fleet, settings),
                       printable(gw::to_text(settings)));
}

Json to_json(const FleetPicture& fleet, const FleetSettings& settings) {
    auto members = Json::array();
    for (const auto& one : fleet.members) {
        members.push_back({{"member", printable(one.member.name)},
                           {"state", state_of(one)},
                           {"owner", owns(fleet, one)},
                           {"places", places_of(fleet, one)},
                           {"capacity", one.member.capacity},
                           {"since", printable(one.member.since)},
                           {"host", printable(one.member.host)},
                           {"lease", std::to_string(one.lease)}});
    }
    Json owner;
    if (fleet.owner) {
        owner = {{"member", printable(fleet.owner->member.name)},
                 {"token", fleet.owner->token},
                 {"lease", std::to_string(fleet.owner->lease)}};
    }
    auto places = Json::array();
    for (const auto& [profile, place] : fleet.places) {
        const auto pin = fleet.pins.find(profile);
        places.push_back(
            {{"profile", printable(profile)},
             {"member", printable(place.member.name)},
             {"token", place.token},
             {"pinned", pin == fleet.pins.end() ? Json() : Json(printable(pin->second))}});
    }
    return {{"version", 1},
            {"spread", gw::to_string(settings.spread)},
            {"prefix", settings.prefix},
            {"revision", fleet.revision},
            {"owner", owner},
            {"members", members},
            {"places", places}};
}

} // namespace

Result<const FleetSettings*> fleet_settings(Context& context) {
    const auto settings = context.settings();
    if (!settings) {
        return std::unexpected(settings.error());
    }
    if (!(*settings)->fleet) {
        return fail(Errc::bad_config,
                    "this member belongs to no fleet: the configuration has no "
                    "key fleet",
                    "gatewayctl config");
    }
    return &*(*settings)->fleet;
}

int fleet_status(Context& context, const Words& words) {
    const auto settings = fleet_settings(context);
    if (!settings) {
        return report_error(settings.error());
    }
    const auto fleet = fleet::look(**settings, timeout_of(words).value_or(look_time));
    if (!fleet) {
        return report_error(Error(fleet.error()).within("cannot look at the fleet"));
    }
    const bool complete = context.globals().json ? print_json(to_json(*fleet, **settings))
                                                 : print(to_text(*fleet, **settings));
    const bool is_had =
        (*settings)->spread == Spread::gateway ? !fleet->places.empty() : fleet->owner.has_value();
    return printed(complete && is_had);
}

} // namespace gw::cli
