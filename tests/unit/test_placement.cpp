#include "rules/placement.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <map>
#include <random>

using namespace gw;

namespace {

std::vector<FleetMember> members_named(std::size_t count) {
    std::vector<FleetMember> members;
    for (std::size_t i = 0; i < count; ++i) {
        members.push_back({fmt::format("member-{}", i)});
    }
    return members;
}

std::vector<FleetGateway> gateways_named(std::size_t count) {
    std::vector<FleetGateway> gateways;
    for (std::size_t i = 0; i < count; ++i) {
        gateways.push_back({fmt::format("gateway-{}", i)});
    }
    return gateways;
}

using ByName = std::map<std::string, std::string>;

/// Profile and member; without those that have none.
ByName placed(const std::vector<FleetMember>& members, const std::vector<FleetGateway>& gateways) {
    const auto places = place(members, gateways);
    REQUIRE(places.size() == gateways.size());
    ByName named;
    for (std::size_t i = 0; i < gateways.size(); ++i) {
        if (places[i]) {
            named[gateways[i].profile] = members.at(*places[i]).name;
        }
    }
    return named;
}

std::map<std::string, double> loads(const ByName& places) {
    std::map<std::string, double> loads;
    for (const auto& [profile, member] : places) {
        ++loads[member];
    }
    return loads;
}

/// How many of those that are in both have another member.
std::size_t moved(const ByName& before, const ByName& after) {
    return static_cast<std::size_t>(
        std::count_if(before.begin(), before.end(), [&](const auto& one) {
            const auto found = after.find(one.first);
            return found != after.end() && found->second != one.second;
        }));
}

void hold(std::vector<FleetGateway>& gateways, const ByName& places) {
    for (auto& gateway : gateways) {
        gateway.holder = places.at(gateway.profile);
    }
}

} // namespace

TEST_CASE("placement: 100 members have their share of 10,000 to within a tenth") {
    const auto places = placed(members_named(100), gateways_named(10000));
    CHECK(places.size() == 10000);
    const auto found = loads(places);
    CHECK(found.size() == 100);
    for (const auto& [member, load] : found) {
        CAPTURE(member);
        CHECK(load <= 110);
        CHECK(load >= 90);
    }
}

TEST_CASE("placement: a member that joins or leaves moves little more than what is its own") {
    for (const std::size_t count : {3U, 10U, 100U}) {
        CAPTURE(count);
        const auto gateways = gateways_named(100 * count);
        auto members = members_named(count);
        const auto before = placed(members, gateways);
        auto more = members;
        more.push_back({"newcomer"});
        const auto joined = placed(more, gateways);
        CHECK(moved(before, joined) <= 150);
        CHECK(moved(before, joined) >= 60);
        members.pop_back();
        const auto left = placed(members, gateways);
        CHECK(moved(before, left) <= 150);
        CHECK(moved(before, left) >= 60);
    }
}

TEST_CASE("placement: without anybody at the bound, only the newcomer gets anything") {
    // Two members and one gateway each time: the bound is two, and never reached.
    for (int i = 0; i < 200; ++i) {
        const std::vector<FleetGateway> one = {{fmt::format("gateway-{}", i)}};
        const auto before = placed(members_named(5), one);
        const auto after = placed(members_named(6), one);
        if (moved(before, after) == 1) {
            CHECK(after.begin()->second == "member-5");
        }
    }
}

TEST_CASE("placement: another gateway leaves the others where they are") {
    const auto members = members_named(20);
    auto before = placed(members, gateways_named(2000));
    std::size_t all = 0;
    for (std::size_t count = 2001; count <= 2060; ++count) {
        auto after = placed(members, gateways_named(count));
        all += moved(before, after);
        before = std::move(after);
    }
    CHECK(all <= 40); // where a bound rises by a whole gateway
}

TEST_CASE("placement: each gets by its capacity") {
    auto members = members_named(30);
    for (std::size_t i = 0; i < members.size(); ++i) {
        members[i].capacity = static_cast<std::uint32_t>(i % 3 + 1);
    }
    members.push_back({"standby", 0});
    const auto found = loads(placed(members, gateways_named(12000)));
    CHECK_FALSE(found.contains("standby"));
    for (const auto& member : members) {
        if (member.capacity > 0) {
            CAPTURE(member.name);
            const auto share = 12000.0 * member.capacity / 60;
            CHECK(found.at(member.name) <= share * 1.1 + 1);
            CHECK(found.at(member.name) >= share * 0.9 - 1);
        }
    }
}

TEST_CASE("placement: capacities weigh like a thousand of them, not by how large they are") {
    const auto gateways = gateways_named(3000);
    auto members = members_named(10);
    const auto even = placed(members, gateways);
    for (auto& member : members) {
        member.capacity = 4000000000;
    }
    CHECK(placed(members, gateways) == even);
    members.front().capacity /= 2;
    const auto found = loads(placed(members, gateways));
    CHECK(found.at("member-0") < 3000.0 / 9.5 / 2 * 1.1 + 1);
}

TEST_CASE("placement: the order in which anybody lists members and gateways changes nothing") {
    std::minstd_rand random(7);
    for (const bool is_even : {true, false}) {
        auto members = members_named(17);
        auto gateways = gateways_named(1500);
        for (std::size_t i = 0; i < members.size() && !is_even; ++i) {
            members[i].capacity = static_cast<std::uint32_t>(i + 1);
        }
        const auto before = placed(members, gateways);
        for (int round = 0; round < 5; ++round) {
            std::shuffle(members.begin(), members.end(), random);
            std::shuffle(gateways.begin(), gateways.end(), random);
            CHECK(placed(members, gateways) == before);
        }
    }
}

TEST_CASE("placement: the names decide, on every machine alike") {
    // A change of these is one of every fleet: during an upgrade two versions would disagree.
    auto members = members_named(4);
    const auto expected = [&](std::vector<std::size_t> places) {
        const auto found = place(members, gateways_named(6));
        return std::equal(found.begin(), found.end(), places.begin(), places.end());
    };
    CHECK(expected({0, 2, 1, 0, 2, 3}));
    members[1].capacity = 3;
    CHECK(expected({0, 1, 1, 0, 2, 3}));
}

TEST_CASE("placement: a member that is cordoned keeps what it has and gets nothing") {
    auto members = members_named(4);
    auto gateways = gateways_named(400);
    const auto before = placed(members, gateways);
    hold(gateways, before);
    members[2].cordoned = true;
    CHECK(moved(before, placed(members, gateways)) <= 4);
    for (int i = 0; i < 100; ++i) {
        gateways.push_back({fmt::format("new-{}", i)});
    }
    const auto after = placed(members, gateways);
    CHECK(moved(before, after) <= 20); // the others' share has changed
    CHECK(loads(after).at("member-2") == loads(before).at("member-2"));
    members[2].cordoned = false;
    for (auto& gateway : gateways) {
        gateway.holder.clear();
    }
    CHECK(placed(members, gateways).size() == gateways.size());
}

TEST_CASE("placement: a member that drains loses all, to the others alike") {
    auto members = members_named(5);
    auto gateways = gateways_named(500);
    const auto before = placed(members, gateways);
    hold(gateways, before);
    members[0].draining = true;
    members[0].cordoned = true;
    gateways[0].pinned = "member-0";
    const auto after = placed(members, gateways);
    CHECK_FALSE(loads(after).contains("member-0"));
    for (const auto& [member, load] : loads(after)) {
        CHECK(load <= 138);
    }
    // As if it were not there.
    members.erase(members.begin());
    CHECK(placed(members, gateways) == after);
}

TEST_CASE("placement: a pin beats the hash and a cordon, as long as its member lives") {
    auto members = members_named(3);
    auto gateways = gateways_named(30);
    const auto before = placed(members, gateways);
    gateways[4].pinned = "member-1";
    gateways[5].pinned = "member-1";
    members[1].cordoned = true;
    auto after = placed(members, gateways);
    CHECK(after.at("gateway-4") == "member-1");
    CHECK(after.at("gateway-5") == "member-1");
    members.erase(members.begin() + 1);
    after = placed(members, gateways);
    CHECK(after.size() == 30);
    CHECK_FALSE(loads(after).contains("member-1"));
}

TEST_CASE("placement: more pins than its share leave a member nothing else, and the others room") {
    auto gateways = gateways_named(100);
    for (std::size_t i = 0; i < 80; ++i) {
        gateways[i].pinned = "member-0";
    }
    const auto found = loads(placed(members_named(4), gateways));
    CHECK(found.at("member-0") == 80);
    CHECK(found.size() == 4);
    for (const auto* other : {"member-1", "member-2", "member-3"}) {
        CHECK(found.at(other) <= 28);
    }
}

TEST_CASE("placement: where nobody may have it, nobody gets it") {
    CHECK(placed({}, gateways_named(3)).empty());
    auto members = members_named(2);
    members[0].draining = true;
    members[1].cordoned = true;
    CHECK(placed(members, gateways_named(3)).empty());
    CHECK(placed(members_named(2), {}).empty());
    auto held = gateways_named(1);
    held[0].holder = "member-1";
    CHECK(placed(members, held) == ByName{{"gateway-0", "member-1"}});
}
