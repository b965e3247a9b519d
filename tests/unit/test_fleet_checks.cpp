#include "rules/fleet_checks.hpp"
#include "support.hpp"

#include <algorithm>

using namespace gw;
using namespace std::chrono_literals;

namespace {

using Codes = std::vector<std::string>;

Codes codes_of(const FleetFacts& facts) {
    Codes codes;
    for (const auto& one : check_fleet(facts)) {
        codes.push_back(one.code);
        CHECK_FALSE(one.what.empty());
        CHECK_FALSE(one.why.empty());
        CHECK_FALSE(one.cure.empty());
    }
    return codes;
}

constexpr WallTime now{std::chrono::sys_days{2026y / 11 / 26}};

FleetPicture::Member member_with_lease(seconds left) {
    FleetPicture::Member one;
    one.member.name = "one";
    one.lease = 7;
    one.time = etcd::LeaseTime{left, 30s};
    return one;
}

FleetFacts good_fleet() {
    return {.member = "one",
            .ttl = 30s,
            .drain = 8s,
            .endpoints = {{"http://etcd-1:2379", etcd::Status{"3.4.23", true}, 1s}},
            .certificates = {{"/etc/ca.pem", now + std::chrono::days(15)}},
            .picture = FleetPicture{.members = {member_with_lease(25s)}},
            .now = now};
}

} // namespace

TEST_CASE("fleet checks: a good fleet has nothing to say") {
    CHECK(codes_of(good_fleet()).empty());
}

TEST_CASE("fleet checks: what is wrong in the configuration is said alone") {
    auto facts = good_fleet();
    facts.problems = {"no endpoints", "unknown key 'endpoint'"};
    facts.endpoints.clear();
    CHECK(codes_of(facts) == Codes{"fleet-misconfigured", "fleet-misconfigured"});
}

TEST_CASE("fleet checks: each member of etcd is looked at by itself") {
    auto facts = good_fleet();
    facts.endpoints.push_back({"http://etcd-2:2379", fail(Errc::io, "cannot connect", "curl x")});
    facts.endpoints.push_back({"http://etcd-3:2379", etcd::Status{"3.4.23", false}});
    facts.endpoints.push_back({"http://etcd-4:2379", etcd::Status{"3.4.23", true, {"NOSPACE"}}});
    CHECK(codes_of(facts) == Codes{"endpoint-away", "endpoint-unwell", "endpoint-unwell"});
    CHECK(check_fleet(facts)[0].subject == "http://etcd-2:2379");
    CHECK(check_fleet(facts)[0].severity == Severity::warning);
    CHECK(check_fleet(facts)[1].severity == Severity::error);
}

TEST_CASE("fleet checks: clocks may differ by ten seconds, in both directions") {
    auto facts = good_fleet();
    for (const auto ahead : {10s, -10s}) {
        facts.endpoints[0].ahead = ahead;
        CHECK(codes_of(facts).empty());
    }
    facts.endpoints[0].ahead = 11s;
    CHECK(codes_of(facts) == Codes{"clocks-differ"});
    CHECK(check_fleet(facts)[0].what == "its wall clock is 11 s ahead of this machine's");
    facts.endpoints[0].ahead = -11s;
    CHECK(check_fleet(facts).at(0).what == "its wall clock is 11 s behind this machine's");
}

TEST_CASE(
    "fleet checks: a certificate is said two weeks before its end, and is an error after it") {
    auto facts = good_fleet();
    facts.certificates[0].ends = now + certificate_warning;
    CHECK(check_fleet(facts).at(0).severity == Severity::warning);
    CHECK(check_fleet(facts).at(0).what == "ends at 2026-12-10T00:00:00.000000+00:00");
    facts.certificates[0].ends = now;
    CHECK(codes_of(facts) == Codes{"certificate-ends"});
    CHECK(check_fleet(facts).at(0).severity == Severity::error);
    facts.certificates[0].ends = fail(Errc::bad_config, "it has no certificate");
    CHECK(check_fleet(facts).at(0).what == "cannot be used");
}

TEST_CASE("fleet checks: this member lives, and renews before half of its lease is over") {
    auto facts = good_fleet();
    facts.picture = FleetPicture{.members = {member_with_lease(15s)}};
    CHECK(codes_of(facts).empty());
    facts.picture = FleetPicture{.members = {member_with_lease(14s)}};
    CHECK(codes_of(facts) == Codes{"late-renewal"});
    facts.picture = FleetPicture{};
    CHECK(codes_of(facts) == Codes{"no-member"});
    facts.picture = fail(Errc::timed_out, "no answer in time", "curl x");
    CHECK(codes_of(facts) == Codes{"fleet-away"});
}

TEST_CASE(
    "fleet checks: a drain that a lease leaves no time for is a note, with a lease that does") {
    auto facts = good_fleet();
    CHECK(drain_within_lease(30s) == 8s);
    facts.drain = 60s;
    CHECK(codes_of(facts) == Codes{"lease-before-drain"});
    const auto note = check_fleet(facts).at(0);
    CHECK(note.severity == Severity::note);
    CHECK(note.cure == "ttl: 186 below fleet in the configuration, if that is too short");
    CHECK(drain_within_lease(186s) == 60s);
    CHECK(drain_within_lease(185s) == 59s);
}
