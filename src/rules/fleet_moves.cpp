#include "rules/fleet_moves.hpp"

namespace gw {

namespace {

std::string holder_of(const FleetPicture& fleet, const std::string& profile) {
    const auto place = fleet.places.find(profile);
    return place == fleet.places.end() ? std::string() : place->second.member.name;
}

} // namespace

std::vector<std::string> placement_of(const FleetPicture& fleet,
                                      std::span<const std::string> profiles) {
    std::vector<FleetMember> members;
    for (const auto& one : fleet.members) {
        members.push_back({one.member.name, static_cast<std::uint32_t>(one.member.capacity),
                           one.cordoned, one.drains});
    }
    std::vector<FleetGateway> gateways;
    for (const auto& profile : profiles) {
        const auto pin = fleet.pins.find(profile);
        gateways.push_back({profile, holder_of(fleet, profile),
                            pin == fleet.pins.end() ? std::string() : pin->second});
    }
    std::vector<std::string> names;
    for (const auto& chosen : place(members, gateways)) {
        names.push_back(chosen ? members[*chosen].name : std::string());
    }
    return names;
}

std::vector<FleetMove> moves_of(const FleetPicture& fleet, std::span<const std::string> profiles) {
    const auto wanted = placement_of(fleet, profiles);
    std::vector<FleetMove> moves;
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        auto holder = holder_of(fleet, profiles[i]);
        // Whoever holds a place that nobody else may take keeps it.
        const bool stays = !holder.empty() && (wanted[i].empty() || wanted[i] == holder);
        if (!stays) {
            moves.push_back({profiles[i], std::move(holder), wanted[i]});
        }
    }
    return moves;
}

} // namespace gw
