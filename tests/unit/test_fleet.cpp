#include "rules/backoff.hpp"
#include "rules/fleet_keys.hpp"
#include "rules/fleet_settings.hpp"
#include "rules/owner.hpp"
#include "rules/rejoin.hpp"

#include <doctest/doctest.h>

using namespace gw;
using std::chrono::milliseconds;

TEST_CASE("fleet: an endpoint is a scheme, a host and a port") {
    CHECK(parse_endpoint("http://etcd-1:2379") == FleetEndpoint{false, "etcd-1", 2379});
    CHECK(parse_endpoint("https://10.0.0.1:1/") == FleetEndpoint{true, "10.0.0.1", 1});
    CHECK(parse_endpoint("https://[::1]:2379") == FleetEndpoint{true, "::1", 2379});
    CHECK(parse_endpoint("http://etcd")->port == 2379);
    CHECK(to_string(*parse_endpoint("https://[::1]")) == "https://[::1]:2379");
    for (const char* url :
         {"", "etcd:2379", "ftp://etcd", "http://", "http://:1", "http://h:0", "http://h:65536",
          "http://h:1/v3", "http://u@h", "http://[::1", "http://h:x"}) {
        CAPTURE(url);
        CHECK(!parse_endpoint(url));
    }
}

TEST_CASE("fleet: what cannot be together is a problem") {
    FleetSettings fleet;
    CHECK(problems_of(fleet).size() == 1); // no endpoint
    fleet.endpoints = {{true, "etcd", 2379}};
    CHECK(problems_of(fleet).empty());
    fleet.cert_file = "/c";
    CHECK(!problems_of(fleet).empty());
    fleet.key_file = "/k";
    CHECK(problems_of(fleet).empty());
    fleet.endpoints = {{false, "etcd", 2379}};
    CHECK(!problems_of(fleet).empty());
    fleet.endpoints = {{true, "etcd", 2379}};
    fleet.user = "mail";
    CHECK(!problems_of(fleet).empty());
    fleet.password_file = "/p";
    CHECK(problems_of(fleet).empty());
    fleet.problems = {"something"};
    CHECK(!problems_of(fleet).empty());
}

TEST_CASE("backoff: twice as long after each failure, up to the longest, and never all at once") {
    CHECK(backoff(1, 0) == first_backoff / 2);
    CHECK(backoff(2, 0) == first_backoff);
    CHECK(backoff(1000, 0.999) <= longest_backoff);
    CHECK(backoff(1000, 0) == longest_backoff / 2);
    CHECK(backoff(1000, 0, milliseconds(10)) == milliseconds(5));
    CHECK(backoff(3, 0.1) < backoff(3, 0.9));
}

TEST_CASE("fleet: a name of a member is a part of a key") {
    CHECK((is_member_name("web-1.example") && is_member_name("ü")));
    CHECK(!(is_member_name("") || is_member_name("a/b") || is_member_name("a b") ||
            is_member_name("a\n")));
}

TEST_CASE("fleet: a picture knows who lives, who owns, and who is to take nothing") {
    const FleetKeys keys("/p");
    const MemberRecord one{"one", "host", "now", 3};
    const etcd::Range range{{{keys.cordon("two"), "{}", 1, 1, 0},
                             {keys.drain("one"), "{}", 1, 1, 0},
                             {keys.member("one"), to_value(one), 1, 2, 11},
                             {keys.member("two"), "no JSON", 1, 3, 12},
                             {keys.owner(), to_value(one), 4, 4, 11},
                             {"/p/of-somebody-else", "", 1, 1, 0}},
                            9};
    const auto picture = picture_of(keys, range);
    REQUIRE(picture.members.size() == 2);
    CHECK((picture.members[0].member.capacity == 3 && picture.members[0].drains));
    CHECK((picture.members[1].member.name == "two" && picture.members[1].cordoned));
    REQUIRE(picture.owner);
    CHECK((picture.owner->member.name == "one" && picture.owner->token == 4 &&
           picture.owner->lease == 11));
}

TEST_CASE("owner: in a fleet the keeper is there always, because it is the agent") {
    for (const auto found : {Standing::Kind::nobody, Standing::Kind::here,
                             Standing::Kind::elsewhere, Standing::Kind::unknown}) {
        CHECK(needs_keeper({.found = found, .becomes_tree = true, .in_fleet = true}));
    }
}

TEST_CASE("fleet: who cannot keep a lease that others can keep stays away, longer each time") {
    constexpr std::chrono::seconds ttl{30};
    const LostLease soon{std::chrono::seconds(299), true};
    const LostLease late{std::chrono::seconds(300), true};
    const LostLease everybodys{std::chrono::seconds(10), false};
    CHECK(losses_in_a_row(0, soon, ttl) == 1);
    CHECK(losses_in_a_row(3, soon, ttl) == 4);
    CHECK(losses_in_a_row(3, everybodys, ttl) == 3);
    CHECK(losses_in_a_row(3, late, ttl) == 0);

    CHECK(absence_after(0, ttl) == std::chrono::seconds(0));
    CHECK(absence_after(1, ttl) == ttl);
    CHECK(absence_after(2, ttl) == 2 * ttl);
    CHECK(absence_after(6, ttl) == longest_absence * ttl);
    CHECK(absence_after(1000, ttl) == longest_absence * ttl);
}
