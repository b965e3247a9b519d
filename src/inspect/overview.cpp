#include "inspect/overview.hpp"

#include "base/natural_order.hpp"
#include "own/ownership.hpp"
#include "supervise/detect.hpp"
#include "sys/clock.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace gw::inspect {

Viewpoint viewpoint(const supervise::ServiceManager& manager, const store::Home& home,
                    const Settings& settings) {
    auto owner = own::ownership_of(home, settings)->look();
    auto here = with_owner(supervise::container_here(manager, settings), owner);
    return {manager, home, settings, std::move(here), sys::now(), std::move(owner)};
}

namespace {

constexpr std::string_view running = "running";
constexpr std::string_view invalid = "invalid";
constexpr std::string_view foreign = "foreign";

/// By what is worst about it; what is only worth knowing is no trouble.
Severity trouble_of(const GatewayStatus& status) {
    return status.findings.empty() ? Severity::note : status.findings.front().severity;
}

} // namespace

void sort_trouble_first(std::vector<GatewayStatus>& gateways) {
    const auto is_before = [](const GatewayStatus& a, const GatewayStatus& b) {
        if (trouble_of(a) != trouble_of(b)) {
            return trouble_of(a) > trouble_of(b);
        }
        if (a.profile.is_root() != b.profile.is_root()) {
            return a.profile.is_root();
        }
        return natural_less(a.profile.str(), b.profile.str());
    };
    std::stable_sort(gateways.begin(), gateways.end(), is_before);
}

Result<Overview> overview(const Viewpoint& from) {
    const auto registered = from.manager.list();
    if (!registered) {
        return std::unexpected(registered.error());
    }
    auto found = from.home.profiles();
    std::set<ProfileName> names(found.names.begin(), found.names.end());
    names.insert(registered->begin(), registered->end());
    names.insert(found.without_soul.begin(), found.without_soul.end());
    Overview all;
    all.gateways = gateway_statuses(from, std::vector<ProfileName>(names.begin(), names.end()));
    sort_trouble_first(all.gateways);
    all.invalid = std::move(found.invalid);
    all.findings = std::move(found.findings);
    all.foreign = from.manager.foreign();
    std::erase_if(all.foreign, [&](const auto& one) { return names.contains(one.profile); });
    return all;
}

Counts counts_of(const Overview& all) {
    std::map<std::string, std::size_t, std::less<>> by_word;
    for (const auto& status : all.gateways) {
        ++by_word[std::string(state_word(status))];
    }
    if (!all.invalid.empty()) {
        by_word[std::string(invalid)] = all.invalid.size();
    }
    if (!all.foreign.empty()) {
        by_word[std::string(foreign)] += all.foreign.size();
    }
    Counts counts(by_word.begin(), by_word.end());
    std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
        const bool runs = a.first == running;
        return runs != (b.first == running) ? runs : a.second > b.second;
    });
    return counts;
}

} // namespace gw::inspect
