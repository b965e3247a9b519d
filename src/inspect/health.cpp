#include "inspect/health.hpp"

#include <algorithm>
#include <set>

namespace gw::inspect {

std::optional<Finding> ailment_of(const GatewayStatus& status) {
    if (is_in_trouble(status)) {
        return status.findings.front();
    }
    const bool wanted = status.intent.resolved.kind == Intent::Kind::running;
    const auto& service = status.service;
    const bool is_there = service.up && service.ready != false;
    if (!wanted || is_there || status.unregistered || !service.wants_up) {
        return std::nullopt;
    }
    return Finding{"starting",
                   status.profile.str(),
                   service.up ? "is up, and has not said that it is ready" : "is on its way up",
                   {},
                   "gatewayctl wait " + status.profile.str() + " --for ready",
                   Severity::error};
}

Result<Health> health(const Viewpoint& from, std::span<const ProfileName> profiles) {
    std::vector<ProfileName> all(profiles.begin(), profiles.end());
    if (all.empty()) {
        const auto registered = from.manager.list();
        if (!registered) {
            return std::unexpected(registered.error());
        }
        auto found = from.home.profiles().names;
        found.insert(found.end(), registered->begin(), registered->end());
        const std::set<ProfileName> names(found.begin(), found.end());
        all.assign(names.begin(), names.end());
    }
    Health health;
    health.looked_at = all.size();
    for (const auto& status : glances(from, all)) {
        if (auto ailment = ailment_of(status)) {
            health.ailing.push_back(std::move(*ailment));
        }
    }
    return health;
}

} // namespace gw::inspect
