#include "rules/desired.hpp"

#include "rules/findings.hpp"
#include "rules/port.hpp"

#include <fmt/format.h>
#include <set>

namespace gw {

namespace {

/// Ports of the profiles of one home, while they are given out.
struct Ports {
    std::set<std::uint16_t> taken;
    std::size_t profiles_without = 0; ///< for which none was left
};

Ports ports_of(std::span<const KnownProfile> profiles) {
    Ports ports;
    for (const auto& profile : profiles) {
        if (profile.spec.port) {
            ports.taken.insert(*profile.spec.port);
        }
    }
    return ports;
}

void give_port(const KnownProfile& known, Ports& ports, DesiredProfile& wanted) {
    if (wanted.spec.port || wanted.decision.goal == SlotGoal::untouched) {
        return;
    }
    wanted.spec.port = choose_port(known.name, ports.taken);
    if (!wanted.spec.port) {
        ++ports.profiles_without;
        return;
    }
    ports.taken.insert(*wanted.spec.port);
    if (known.settings_known) {
        wanted.port_to_keep = wanted.spec.port;
    }
}

} // namespace

bool may_write_volume(const ContainerFacts& container) {
    return container.runs_gateways && !container.foreign_owner;
}

Desired desire(const ContainerFacts& container, std::span<const KnownProfile> profiles) {
    Desired desired;
    desired.profiles.reserve(profiles.size());
    Ports ports = ports_of(profiles);
    for (const auto& known : profiles) {
        DesiredProfile wanted;
        wanted.decision = decide(container, known.facts, known.name.is_root());
        wanted.spec = known.spec;
        wanted.spec.starts = wanted.decision.goal == SlotGoal::up;
        if (may_write_volume(container)) {
            give_port(known, ports, wanted);
        }
        desired.profiles.push_back(std::move(wanted));
    }
    if (ports.profiles_without > 0) {
        desired.findings.push_back(
            finding(FindingCode::no_port_left, {},
                    fmt::format("{} profiles have no port", ports.profiles_without),
                    fmt::format("all from {} to {} are taken", first_port, end_of_ports - 1)));
    }
    return desired;
}

} // namespace gw
