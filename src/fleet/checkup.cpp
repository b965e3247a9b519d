#include "fleet/checkup.hpp"

#include "base/text.hpp"
#include "fleet/certificates.hpp"
#include "fleet/etcd.hpp"
#include "fleet/look.hpp"
#include "rules/fleet_checks.hpp"
#include "sys/clock.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::fleet {

namespace {

EndpointFacts look_at(const FleetSettings& settings, const FleetEndpoint& endpoint,
                      std::chrono::milliseconds patience) {
    auto alone = settings;
    alone.endpoints = {endpoint};
    boost::asio::io_context io;
    Etcd etcd(alone, patience);
    const auto answer = answer_of(io, etcd.status());
    if (!answer) {
        return {to_string(endpoint), std::unexpected(answer.error())};
    }
    std::optional<seconds> ahead;
    if (answer->date) {
        ahead = std::chrono::round<seconds>(*answer->date - sys::now().wall);
    }
    return {to_string(endpoint), answer->status, ahead};
}

std::vector<CertificateFacts> look_at_certificates(const FleetSettings& settings) {
    std::vector<CertificateFacts> facts;
    for (const auto& file : {settings.ca_file, settings.cert_file}) {
        if (!file.empty()) {
            facts.push_back({file, end_of_certificates(file)});
        }
    }
    return facts;
}

FleetFacts look_at_all(const Settings& settings, std::chrono::milliseconds patience) {
    const auto& fleet = *settings.fleet;
    FleetFacts facts{.problems = problems_of(fleet),
                     .member = settings.member.value_or(sys::host_name()),
                     .ttl = fleet.ttl,
                     .drain = settings.drain_timeout,
                     .picture = look_at_leases(fleet, patience),
                     .now = sys::now().wall};
    for (const auto& endpoint : fleet.endpoints) {
        facts.endpoints.push_back(look_at(fleet, endpoint, patience));
    }
    facts.certificates = look_at_certificates(fleet);
    return facts;
}

std::string to_text(const EndpointFacts& one) {
    return one.status ? fmt::format("etcd {}{}", one.status->version,
                                    one.ahead ? fmt::format(", clock {:+} s", one.ahead->count())
                                              : std::string())
                      : std::string("cannot be used");
}

} // namespace

inspect::Section check_up(const Settings& settings, std::chrono::milliseconds patience) {
    const auto facts = look_at_all(settings, patience);
    inspect::Section section{"fleet", {}, {}};
    section.facts.emplace_back("reached by", gw::to_text(*settings.fleet));
    section.facts.emplace_back("member", facts.member);
    section.facts.emplace_back(
        "lease", fmt::format("{} s, of which a member that is cut off drains for {} s",
                             facts.ttl.count(), drain_within_lease(facts.ttl).count()));
    for (const auto& one : facts.endpoints) {
        section.facts.emplace_back(one.url, to_text(one));
    }
    for (const auto& one : facts.certificates) {
        section.facts.emplace_back(one.file, one.ends ? "ends " + to_rfc3339(*one.ends)
                                                      : std::string("cannot be used"));
    }
    section.findings = check_fleet(facts);
    std::ranges::stable_sort(section.findings, std::greater{}, &Finding::severity);
    return section;
}

} // namespace gw::fleet
