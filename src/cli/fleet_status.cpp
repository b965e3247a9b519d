#include "base/text.hpp"
#include "cli/fleet_places.hpp"
#include "cli/fleet_verbs.hpp"
#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "fleet/look.hpp"
#include "rules/fleet_moves.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace gw::cli {

namespace {

constexpr milliseconds look_time{5'000};

std::string_view state_of(const FleetPicture::Member& one) {
    return one.drains ? "draining" : one.cordoned ? "cordoned" : "ready";
}

bool owns(const FleetPicture& fleet, const FleetPicture::Member& one) {
    return fleet.owner && fleet.owner->lease == one.lease;
}

std::size_t count_places(const FleetPicture& fleet, const FleetPicture::Member& one) {
    return static_cast<std::size_t>(std::ranges::count_if(
        fleet.places, [&](const auto& place) { return place.second.lease == one.lease; }));
}

std::string has_text(const FleetPicture& fleet, const FleetPicture::Member& one,
                     const FleetSettings& settings) {
    if (settings.spread == Spread::gateway) {
        return fmt::format("{} gateways", count_places(fleet, one));
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

/// What is seen of a fleet, and what is not in the picture.
struct View {
    const FleetPicture& fleet;
    const FleetSettings& settings;
    std::vector<FleetMove> moves;
};

/// "3 of 30 s": how long ago it was renewed, and after how long without that it ends.
std::string lease_text(const FleetPicture::Member& one) {
    return one.time ? fmt::format("{} of {} s", one.time->age().count(), one.time->granted.count())
                    : "-";
}

std::string move_text(const FleetMove& move) {
    const auto from = move.from.empty() ? std::string("nobody") : printable(move.from);
    return move.to.empty()
               ? fmt::format("  {}: no member may take it\n", printable(move.profile))
               : fmt::format("  {}: {} -> {}\n", printable(move.profile), from, printable(move.to));
}

std::string moves_text(const std::vector<FleetMove>& moves) {
    constexpr std::size_t most_lines = 20;
    std::string text = moves.empty() ? "" : fmt::format("{} gateways move:\n", moves.size());
    for (std::size_t i = 0; i < std::min(moves.size(), most_lines); ++i) {
        text += move_text(moves[i]);
    }
    return moves.size() > most_lines
               ? text + fmt::format("  and {} more\n", moves.size() - most_lines)
               : text;
}

std::string to_text(const View& view) {
    const auto& [fleet, settings, moves] = view;
    Table table({"MEMBER", "STATE", "HAS", "LEASE", "CAPACITY", "SINCE", "HOST"});
    for (const auto& one : fleet.members) {
        table.add({printable(one.member.name), std::string(state_of(one)),
                   has_text(fleet, one, settings), lease_text(one),
                   std::to_string(one.member.capacity), printable(one.member.since),
                   printable(one.member.host)});
    }
    return table.text(columns_of_stdout()) + moves_text(moves) +
           fmt::format("{} members, {}; {}\n", fleet.members.size(), summary(fleet, settings),
                       printable(gw::to_text(settings)));
}

Json to_json(const std::vector<FleetMove>& moves) {
    auto list = Json::array();
    for (const auto& move : moves) {
        list.push_back({{"profile", printable(move.profile)},
                        {"from", words_or_null(move.from)},
                        {"to", words_or_null(move.to)}});
    }
    return list;
}

std::vector<std::string>
names_of(const std::map<std::string, FleetPicture::Owner, std::less<>>& all) {
    std::vector<std::string> names;
    for (const auto& [name, place] : all) {
        names.push_back(name);
    }
    return names;
}

Json to_json(const View& view) {
    const auto& [fleet, settings, moves] = view;
    auto members = Json::array();
    for (const auto& one : fleet.members) {
        members.push_back({{"member", printable(one.member.name)},
                           {"state", state_of(one)},
                           {"owner", owns(fleet, one)},
                           {"places", count_places(fleet, one)},
                           {"capacity", one.member.capacity},
                           {"since", printable(one.member.since)},
                           {"host", printable(one.member.host)},
                           {"lease", std::to_string(one.lease)},
                           {"lease_age", one.time ? Json(one.time->age().count()) : Json()},
                           {"lease_left", one.time ? Json(one.time->left.count()) : Json()}});
    }
    Json owner;
    if (fleet.owner) {
        owner = {{"member", printable(fleet.owner->member.name)},
                 {"token", fleet.owner->token},
                 {"lease", std::to_string(fleet.owner->lease)}};
    }
    return {{"version", 1},
            {"spread", gw::to_string(settings.spread)},
            {"prefix", settings.prefix},
            {"revision", fleet.revision},
            {"owner", owner},
            {"members", members},
            {"places", to_json(places_of(fleet, settings.spread, names_of(fleet.places)))},
            {"moves", to_json(moves)}};
}

} // namespace

namespace {

/// By the profiles on the volume, as an agent sees them; where it is away, by their places alone.
std::vector<FleetMove> moves_in(Context& context, const FleetPicture& fleet,
                                const FleetSettings& settings) {
    if (settings.spread == Spread::volume) {
        return {};
    }
    std::set<std::string> names;
    for (const auto& [profile, place] : fleet.places) {
        names.insert(profile);
    }
    if (const auto home = context.home()) {
        for (const auto& profile : (*home)->profiles().names) {
            names.insert(profile.str());
        }
    }
    const std::vector<std::string> profiles(names.begin(), names.end());
    return moves_of(fleet, profiles);
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

namespace {

/// That somebody has it, or it is on the volume, as far as that is here.
Result<void> check_is_known(Context& context, const FleetPicture& fleet, const std::string& name) {
    const auto profile = ProfileName::parse(name);
    if (!profile) {
        return std::unexpected(profile.error());
    }
    const auto home = context.home();
    if (!home || fleet.places.contains(name)) {
        return {};
    }
    const auto there = (*home)->require(*profile);
    return there ? Result<void>{} : std::unexpected(there.error());
}

int show_places(Context& context, const FleetPicture& fleet, Spread spread,
                const std::vector<std::string>& names) {
    for (const auto& name : names) {
        if (const auto known = check_is_known(context, fleet, name); !known) {
            return report_error(known.error());
        }
    }
    const auto places = places_of(fleet, spread, names);
    const bool complete = context.globals().json
                              ? print_json({{"version", 1}, {"places", to_json(places)}})
                              : print(to_text(places));
    const bool all_are_had =
        std::ranges::none_of(places, [](const auto& one) { return one.owner == nullptr; });
    return printed(complete && all_are_had);
}

} // namespace

int fleet_status(Context& context, const Words& words) {
    const auto settings = fleet_settings(context);
    if (!settings) {
        return report_error(settings.error());
    }
    const auto fleet = fleet::look_at_leases(**settings, timeout_of(words).value_or(look_time));
    if (!fleet) {
        return report_error(Error(fleet.error()).within("cannot look at the fleet"));
    }
    if (const auto& names = words.values("NAME"); !names.empty()) {
        return show_places(context, *fleet, (*settings)->spread, names);
    }
    const View view{*fleet, **settings, moves_in(context, *fleet, **settings)};
    const bool complete = context.globals().json ? print_json(to_json(view)) : print(to_text(view));
    const bool is_had =
        (*settings)->spread == Spread::gateway ? !fleet->places.empty() : fleet->owner.has_value();
    return printed(complete && is_had);
}

} // namespace gw::cli
