#include "inspect/overview.hpp"

#include "base/natural_order.hpp"
#include "own/ownership.hpp"
#include "rules/checks.hpp"
#include "rules/findings.hpp"
#include "supervise/detect.hpp"
#include "supervise/s6/scandir.hpp"
#include "sys/clock.hpp"
#include "sys/machine.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <set>

namespace gw::inspect {

namespace {

Viewpoint viewpoint_of(const supervise::ServiceManager& manager, const store::Home& home,
                       const Settings& settings, ContainerFacts here) {
    auto owner = own::ownership_of(home, settings)->look();
    here = with_owner(std::move(here), owner);
    return {manager,
            home,
            settings,
            std::move(here),
            sys::now(),
            std::move(owner),
            own::Places::here(settings)};
}

} // namespace

Viewpoint viewpoint(const supervise::ServiceManager& manager, const store::Home& home,
                    const Settings& settings) {
    return viewpoint_of(manager, home, settings, supervise::container_here(manager, settings));
}

Viewpoint strict_viewpoint(const supervise::ServiceManager& manager, const store::Home& home,
                           const Settings& settings) {
    return viewpoint_of(manager, home, settings, container_facts(settings, {}));
}

namespace {

constexpr std::string_view running = "running";
constexpr std::string_view invalid = "invalid";
constexpr std::string_view foreign = "foreign";

/// By what is worst about it; what is only worth knowing is no trouble.
Severity trouble_of(const GatewayStatus& status) {
    return status.findings.empty() ? Severity::note : status.findings.front().severity;
}

/// Two gateways that bind the same port; one of them cannot.
void find_port_twins(std::vector<GatewayStatus>& gateways, Upkeep upkeep) {
    std::map<std::uint16_t, const GatewayStatus*> by_port;
    for (auto& status : gateways) {
        if (!status.port) {
            continue;
        }
        const auto [first, is_new] = by_port.try_emplace(*status.port, &status);
        if (!is_new) {
            status.findings.insert(status.findings.begin(),
                                   finding(FindingCode::port_twin, upkeep, status.profile,
                                           fmt::format("has port {}, and so has {}", *status.port,
                                                       first->second->profile.str()),
                                           "only one of two can listen there"));
        }
    }
}

/// A volume on which nothing can be recorded any more is everybody's trouble.
std::vector<Finding> room_of(const store::Home& home) {
    const auto system = sys::file_system_of(home.directory());
    VolumeFacts facts;
    facts.home = home.path();
    facts.system = system ? *system : FileSystem{};
    return check_room(facts);
}

/// Where nothing can be executed, nobody comes up, and no supervisor says why.
void find_noexec(const Viewpoint& from, std::vector<Finding>& found) {
    const auto scandir = from.manager.traits().registers
                             ? supervise::Scandir::open(from.settings.scandir)
                             : std::optional<supervise::Scandir>();
    const auto runs = scandir && *scandir ? (*scandir)->check_can_run() : Result<void>{};
    if (!runs) {
        found.push_back(finding(FindingCode::scandir_unusable, {}, runs.error().message));
        found.back().cure = runs.error().next;
    }
}

} // namespace

void sort_trouble_first(std::vector<GatewayStatus>& gateways) {
    const auto is_before = [](const GatewayStatus& a, const GatewayStatus& b) {
        if (trouble_of(a) != trouble_of(b)) {
            return trouble_of(a) > trouble_of(b);
        }
        return profile_less(a.profile.str(), b.profile.str());
    };
    std::stable_sort(gateways.begin(), gateways.end(), is_before);
}

Result<Overview> overview(const Viewpoint& from) {
    auto found = from.home.profiles();
    std::set<ProfileName> names(found.names.begin(), found.names.end());
    const auto others = from.manager.list_beyond(found.names);
    if (!others) {
        return std::unexpected(others.error());
    }
    names.insert(others->begin(), others->end());
    names.insert(found.without_soul.begin(), found.without_soul.end());
    Overview all;
    const std::vector<ProfileName> sorted(names.begin(), names.end());
    all.gateways = gateway_statuses(from, sorted);
    find_port_twins(all.gateways, from.manager.traits().upkeep());
    sort_trouble_first(all.gateways);
    all.invalid = std::move(found.invalid);
    all.findings = std::move(found.findings);
    if (!from.home.has_profiles() && is_blank(all)) {
        all.findings.push_back(volume_away(from.home.path()));
    }
    find_noexec(from, all.findings);
    auto room = room_of(from.home);
    std::move(room.begin(), room.end(), std::back_inserter(all.findings));
    all.foreign = from.manager.foreign(sorted);
    return all;
}

bool is_blank(const Overview& all) {
    return std::all_of(all.gateways.begin(), all.gateways.end(), [](const auto& status) {
        return status.intent.state.answer == FileAnswer::absent &&
               status.intent.intent_file.answer == FileAnswer::absent;
    });
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
