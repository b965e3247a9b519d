#include "supervise/manager.hpp"

#include <algorithm>

namespace gw::supervise {

std::vector<Result<ObservedService>>
ServiceManager::observe_processes(std::span<const ProfileName> profiles) const {
    std::vector<Result<ObservedService>> all;
    all.reserve(profiles.size());
    for (const auto& profile : profiles) {
        all.push_back(observe_process(profile));
    }
    return all;
}

Result<std::vector<ProfileName>>
ServiceManager::list_beyond(std::span<const ProfileName> known) const {
    auto registered = list();
    if (registered) {
        std::erase_if(*registered,
                      [&](const auto& one) { return std::ranges::binary_search(known, one); });
    }
    return registered;
}

Result<Argv> ServiceManager::merged_log_command(std::span<const ProfileName> profiles,
                                                const LogRequest& /*request*/) const {
    return fail(Errc::unsupported, traits().label + " does not merge logs",
                "gatewayctl logs " + profiles.front().str());
}

Result<sys::Directory> ServiceManager::log_directory(const ProfileName& profile) const {
    return fail(Errc::unsupported,
                "the logs of " + traits().label + " cannot be merged or cut by time",
                "gatewayctl logs " + profile.str());
}

std::vector<Result<void>> ServiceManager::drain(sys::Effects& /*effects*/,
                                                std::span<const ProfileName> profiles,
                                                DownFor /*span*/) {
    std::vector<Result<void>> none;
    none.reserve(profiles.size());
    for (const auto& profile : profiles) {
        none.emplace_back(fail(Errc::unsupported,
                               "'" + profile.str() + "' is not drained: " + traits().label +
                                   " takes its gateways down itself when the machine stops",
                               "gatewayctl stop " + profile.str()));
    }
    return none;
}

std::vector<Result<ObservedService>>
ServiceManager::observe_all(std::span<const ProfileName> profiles) const {
    std::vector<Result<ObservedService>> all;
    all.reserve(profiles.size());
    for (const auto& profile : profiles) {
        all.push_back(observe(profile));
    }
    return all;
}

} // namespace gw::supervise
