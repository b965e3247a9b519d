#include "rules/fleet_checks.hpp"

#include "base/text.hpp"
#include "rules/fence.hpp"
#include "rules/findings.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace gw {

namespace {

/// A drain that fits into what `drain_within_lease` leaves.
seconds lease_for(seconds drain) {
    seconds ttl = std::max(least_fleet_ttl, 3 * drain);
    while (drain_within_lease(ttl) < drain && ttl < most_fleet_ttl) {
        ++ttl;
    }
    return ttl;
}

std::vector<Finding> check_lease(const FleetFacts& facts) {
    const auto left = drain_within_lease(facts.ttl);
    if (left >= facts.drain) {
        return {};
    }
    return {finding_with_cure(
        FindingCode::lease_before_drain, {},
        fmt::format("a gateway here has {} s for its drain when its member is cut off from etcd, "
                    "and {} s at any other time",
                    left.count(), facts.drain.count()),
        "what another member may start must have ended here",
        fmt::format("ttl: {} below fleet in the configuration, if that is too short",
                    lease_for(facts.drain).count()))};
}

std::vector<Finding> check_endpoint(const EndpointFacts& one) {
    if (!one.status) {
        const auto& error = one.status.error();
        return {finding_with_cure(FindingCode::endpoint_away, one.url, "cannot be used",
                                  error.message, error.next)};
    }
    std::vector<Finding> found;
    if (!one.status->has_leader) {
        found.push_back(finding_with_cure(FindingCode::endpoint_unwell, one.url, "has no leader",
                                          "it sees no majority of its cluster",
                                          "etcdctl endpoint status --cluster"));
    }
    for (const auto& problem : one.status->problems) {
        found.push_back(finding_with_cure(
            FindingCode::endpoint_unwell, one.url, "says: " + problem,
            "it may refuse writes until that is over, and with them leases", "etcdctl alarm list"));
    }
    if (one.ahead && std::chrono::abs(*one.ahead) > fleet_clock_tolerance) {
        found.push_back(
            finding_with_cure(FindingCode::clocks_differ, one.url,
                              fmt::format("its wall clock is {} s {} this machine's",
                                          std::chrono::abs(*one.ahead).count(),
                                          *one.ahead > seconds(0) ? "ahead of" : "behind"),
                              "leases do not depend on it; histories and certificates do",
                              "timedatectl, or chronyc tracking, on both machines"));
    }
    return found;
}

std::vector<Finding> check_certificate(const CertificateFacts& one, WallTime now) {
    const auto renew = "openssl x509 -noout -subject -dates -in " + shell_quote(one.file);
    if (!one.ends) {
        return {finding_with_cure(FindingCode::certificate_ends, one.file, "cannot be used",
                                  one.ends.error().message, renew)};
    }
    if (*one.ends > now + certificate_warning) {
        return {};
    }
    const bool over = *one.ends <= now;
    auto found = finding_with_cure(
        FindingCode::certificate_ends, one.file,
        fmt::format("{} at {}", over ? "has ended" : "ends", to_rfc3339(*one.ends)),
        "without it this member cannot renew its lease, and its gateways end", renew);
    found.severity = over ? Severity::error : Severity::warning;
    return {found};
}

/// Whether this member lives, and renews in time.
std::vector<Finding> check_member(const FleetFacts& facts) {
    if (!facts.picture) {
        const auto& error = facts.picture.error();
        return {finding_with_cure(FindingCode::fleet_away, {}, "no member of etcd can be asked",
                                  error.message, error.next)};
    }
    const auto& members = facts.picture->members;
    const auto self = std::ranges::find_if(
        members, [&](const auto& one) { return one.member.name == facts.member; });
    if (self == members.end()) {
        return {
            finding_with_cure(FindingCode::no_member, facts.member,
                              "this member is not in the fleet, so no gateway runs here",
                              "its agent, the service volume-keeper of the own tree, has no lease",
                              "gatewayctl tree, or read in its log why the agent has none")};
    }
    if (self->time && self->time->age() * 2 > self->time->granted) {
        return {finding_with_cure(
            FindingCode::late_renewal, facts.member,
            fmt::format("its lease was renewed {} s ago, and ends {} s from now",
                        self->time->age().count(), self->time->left.count()),
            "the agent is stopped, starved, or cut off from etcd", "gatewayctl fleet status")};
    }
    return {};
}

} // namespace

seconds drain_within_lease(seconds ttl) {
    const auto times = fence_times({.deadline = ttl, .length = ttl});
    return std::chrono::floor<seconds>(times.kill - times.drain);
}

std::vector<Finding> check_fleet(const FleetFacts& facts) {
    std::vector<Finding> found;
    const auto add = [&found](std::vector<Finding> more) {
        std::ranges::move(more, std::back_inserter(found));
    };
    for (const auto& problem : facts.problems) {
        add({finding_with_cure(FindingCode::fleet_misconfigured, {}, problem,
                               "no gateway starts here: when in doubt, none runs twice",
                               "gatewayctl config check")});
    }
    if (!facts.problems.empty()) {
        return found;
    }
    for (const auto& one : facts.endpoints) {
        add(check_endpoint(one));
    }
    for (const auto& one : facts.certificates) {
        add(check_certificate(one, facts.now));
    }
    add(check_member(facts));
    add(check_lease(facts));
    return found;
}

} // namespace gw
