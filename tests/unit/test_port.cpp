#include "known_profiles.hpp"
#include "rules/desired.hpp"
#include "rules/port.hpp"
#include "support.hpp"

#include <random>
#include <set>

using namespace gw;

namespace {

std::vector<ProfileName> names(std::size_t count) {
    std::vector<ProfileName> all;
    for (std::size_t i = 0; i < count; ++i) {
        all.push_back(*ProfileName::parse("p" + std::to_string(i)));
    }
    return all;
}

bool lies_in(std::uint16_t port, const PortRange& range) {
    return range.first <= port && port <= range.last;
}

/// A few ranges of a few ports, which may overlap.
PortRanges some_ranges(std::mt19937& random) {
    PortRanges ranges(1 + random() % 3);
    for (auto& range : ranges) {
        range.first = static_cast<std::uint16_t>(1 + random() % 300);
        range.last = static_cast<std::uint16_t>(range.first + random() % 20);
    }
    return ranges;
}

std::size_t ports_in(const PortRanges& ranges) {
    TakenPorts all;
    for (const auto& range : ranges) {
        for (unsigned port = range.first; port <= range.last; ++port) {
            all.set(port);
        }
    }
    return all.count();
}

} // namespace

TEST_CASE("port: the field's rule, in the field's range") {
    const auto port = [](const char* name) {
        return choose_port(*ProfileName::parse(name), {}, default_port_ranges);
    };
    // int.from_bytes(sha256(name).digest()[:8], "big") % 600 + 9200
    CHECK(port("default") == 9549);
    CHECK(port("news") == 9383);
    CHECK(port("chat") == 9794);
}

TEST_CASE("port: any ranges: each profile gets one of its own, the first range first, none as long "
          "as one is left") {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        const auto ranges = some_ranges(random);
        CAPTURE(to_string(ranges));
        TakenPorts taken;
        for (std::size_t i = random() % 10; i > 0; --i) {
            taken.set(1 + random() % 330); // kept from other ranges, or written by hand
        }
        const auto before = taken;
        for (const auto& name : names(70)) {
            const auto port = choose_port(name, taken, ranges);
            for (const auto& range : ranges) {
                bool full = true;
                for (unsigned one = range.first; one <= range.last; ++one) {
                    full = full && taken.test(one);
                }
                if (!full) {
                    REQUIRE(port);
                    CHECK(lies_in(*port, range));
                    break;
                }
            }
            if (port) {
                CHECK_FALSE(taken.test(*port));
                taken.set(*port);
            }
        }
        CHECK(ports_in(ranges) >= taken.count() - before.count());
    }
}

TEST_CASE("port: what a profile's name leads to depends on its name alone, not on who was first") {
    for (const auto& name : names(500)) {
        const auto alone = choose_port(name, {}, default_port_ranges);
        REQUIRE(alone);
        CHECK(leads_to(name, *alone, default_port_ranges));
        TakenPorts taken;
        taken.set(*alone);
        const auto next = choose_port(name, taken, default_port_ranges);
        REQUIRE(next);
        CHECK(*next == (*alone == 9799 ? 9200 : *alone + 1));
        CHECK_FALSE(leads_to(name, *next, default_port_ranges));
        for (unsigned port = 9200; port < 9800; ++port) {
            taken.set(port);
        }
        const auto beyond = choose_port(name, taken, default_port_ranges);
        REQUIRE(beyond);
        CHECK(lies_in(*beyond, default_port_ranges[1]));
        CHECK(leads_to(name, *beyond, default_port_ranges));
    }
}

TEST_CASE("port: ten thousand profiles have ten thousand ports, and keep them when more come") {
    std::vector<KnownProfile> known;
    for (const auto& name : names(10'000)) {
        known.push_back({name, {}, {}, true});
    }
    const auto first = desire({}, test::each_of(known));
    CHECK(first.findings.empty());
    std::set<std::uint16_t> ports;
    std::size_t beyond = 0;
    for (std::size_t i = 0; i < known.size(); ++i) {
        REQUIRE(first.profiles[i].port);
        ports.insert(*first.profiles[i].port);
        beyond += lies_in(*first.profiles[i].port, default_port_ranges[0]) ? 0U : 1U;
        known[i].spec.port = first.profiles[i].port;
    }
    CHECK(ports.size() == known.size());
    CHECK(beyond == known.size() - 600);
    known.insert(known.begin(), {*ProfileName::parse("a0"), {}, {}, true});
    const auto second =
        desire({}, test::each_of(known), {{1, 50}}); // other ranges: what is kept is kept
    for (std::size_t i = 1; i < known.size(); ++i) {
        CHECK(second.profiles[i].port == known[i].spec.port);
    }
    CHECK(lies_in(second.profiles[0].port.value_or(0), {1, 50}));
}

TEST_CASE("port: ranges are read as they are written, and nothing else is one") {
    CHECK(parse_port_ranges("9200-9799, 20000-29999") == default_port_ranges);
    CHECK(parse_port_ranges(" 80 ") == PortRanges{{80, 80}});
    CHECK(parse_port_ranges("1-65535") == PortRanges{{1, 65535}});
    CHECK(to_string(PortRanges{{80, 80}, {90, 99}}) == "80, 90-99");
    for (const std::string text : {"", " ", ",", "80,", "0", "0-9", "9-1", "65536", "1-65536", "-5",
                                   "5-", "5--6", "+5", "a", "0x50", "80 90", "80-90-99", "8.5"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_port_ranges(text));
    }
    CHECK(parse_port_ranges(to_string(default_port_ranges)) == default_port_ranges);
}
