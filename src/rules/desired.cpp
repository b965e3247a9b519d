#include "rules/desired.hpp"

#include "rules/findings.hpp"

#include <fmt/format.h>
#include <map>
#include <set>

namespace gw {

namespace {

/// Ports of the profiles of one home, while they are given out.
struct Ports {
    TakenPorts taken;
    std::set<ProfileName> twins;      ///< their port is another one's
    std::size_t profiles_without = 0; ///< for which none was left
};

Ports ports_of(std::span<const KnownProfile* const> profiles, const PortRanges& ranges) {
    Ports ports;
    std::map<std::uint16_t, const KnownProfile*> owners;
    const auto is_natural = [&](const KnownProfile& profile) {
        return leads_to(profile.name, *profile.spec.port, ranges);
    };
    for (const auto* profile : profiles) {
        if (!profile->spec.port) {
            continue;
        }
        ports.taken.set(*profile->spec.port);
        auto& owner = owners[*profile->spec.port];
        const bool yields = owner != nullptr && (is_natural(*owner) || !is_natural(*profile));
        if (owner != nullptr) {
            ports.twins.insert(yields ? profile->name : owner->name);
        }
        owner = yields ? owner : profile;
    }
    return ports;
}

void give_port(const KnownProfile& known, const PortRanges& ranges, Ports& ports,
               DesiredProfile& wanted) {
    if (ports.twins.contains(known.name)) {
        wanted.port.reset();
    }
    if (wanted.port || !has_slot(wanted.decision.goal)) {
        return;
    }
    wanted.port = choose_port(known.name, ports.taken, ranges);
    if (!wanted.port) {
        ++ports.profiles_without;
        return;
    }
    ports.taken.set(*wanted.port);
    if (known.settings_known) {
        wanted.port_to_keep = wanted.port;
    }
}

} // namespace

SlotSpec wanted_spec(SlotSpec known, const DesiredProfile& wanted) {
    known.starts = wanted.decision.goal == SlotGoal::up;
    known.port = wanted.port;
    return known;
}

bool may_write_volume(const ContainerFacts& container) {
    return container.runs_gateways && !container.foreign_owner;
}

Desired desire(const ContainerFacts& container, std::span<const KnownProfile* const> profiles,
               const PortRanges& ranges) {
    Desired desired;
    desired.profiles.reserve(profiles.size());
    Ports ports = ports_of(profiles, ranges);
    for (const auto* known : profiles) {
        DesiredProfile wanted;
        wanted.decision = decide(container, known->facts, known->name);
        wanted.port = known->spec.port;
        if (may_write_volume(container)) {
            give_port(*known, ranges, ports, wanted);
        }
        desired.profiles.push_back(std::move(wanted));
    }
    if (ports.profiles_without > 0) {
        desired.findings.push_back(finding(
            FindingCode::no_port_left, {},
            fmt::format("{} profiles have no port", ports.profiles_without), no_port_in(ranges)));
    }
    return desired;
}

} // namespace gw
