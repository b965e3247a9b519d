/// Whether every gateway is as its operator wants it: for probes, which ask often and want one
/// word. Reads only.
#pragma once

#include "inspect/status.hpp"

#include <string>
#include <vector>

namespace gw::inspect {

struct Health {
    std::size_t looked_at = 0;
    /// Of those that are not as they should be, each with why; the worst first.
    std::vector<Finding> ailing;
    [[nodiscard]] bool is_good() const { return ailing.empty(); }
};

/// Of what `profiles` names; empty: everything on the volume. A gateway that is on its way up is
/// not there yet; one that nobody has asked for is as it should be, up or down. As long as all is
/// well it starts no process and looks at no other than the gateways'.
Result<Health> health(const supervise::ServiceManager& manager, const store::Home& home,
                      const Settings& settings, std::span<const ProfileName> profiles);

/// What ails one; nullopt: nothing. Pure.
std::optional<Finding> ailment_of(const GatewayStatus& status);

} // namespace gw::inspect
