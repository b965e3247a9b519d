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

namespace {

/// Of what is registered or on the volume.
Result<std::vector<ProfileName>> all_names(const supervise::ServiceManager& manager,
                                           const store::Home& home) {
    const auto registered = manager.list();
    if (!registered) {
        return std::unexpected(registered.error());
    }
    const auto found = home.profiles().names;
    std::set<ProfileName> names(found.begin(), found.end());
    names.insert(registered->begin(), registered->end());
    return std::vector<ProfileName>(names.begin(), names.end());
}

std::vector<Finding> ailments_of(const Viewpoint& from, std::span<const ProfileName> profiles) {
    std::vector<Finding> ailing;
    for (const auto& status : glances(from, profiles)) {
        if (auto ailment = ailment_of(status)) {
            ailing.push_back(std::move(*ailment));
        }
    }
    return ailing;
}

} // namespace

Result<Health> health(const supervise::ServiceManager& manager, const store::Home& home,
                      const Settings& settings, std::span<const ProfileName> profiles) {
    std::vector<ProfileName> named(profiles.begin(), profiles.end());
    const auto all =
        named.empty() ? all_names(manager, home) : Result<std::vector<ProfileName>>(named);
    if (!all) {
        return std::unexpected(all.error());
    }
    Health health{all->size(), ailments_of(strict_viewpoint(manager, home, settings), *all)};
    if (!health.is_good()) {
        health.ailing = ailments_of(viewpoint(manager, home, settings), *all);
    }
    return health;
}

} // namespace gw::inspect
