#include "fakes.hpp"
#include "rules/fence.hpp"
#include "store/fence.hpp"
#include "sys/boot_clock.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

using namespace gw;
using namespace std::chrono_literals;

namespace {

constexpr Lease half_a_minute = lease_since(BootTime(100s), 30s);

Fence fence_of(std::optional<Lease> lease, std::optional<FencingToken> token) {
    return {lease, token, {}};
}

ProfileName named(const char* text) {
    return ProfileName::parse(text).value();
}

} // namespace

TEST_CASE("fence: a lease counts from when it was asked for") {
    CHECK(half_a_minute.deadline == BootTime(130s));
    CHECK(half_a_minute.length == 30s);
}

TEST_CASE(
    "fence: drain, SIGKILL and the kernel's own come in this order, all before the deadline") {
    for (const auto length : {1s, 2s, 5s, 20s, 30s, 600s}) {
        const auto lease = lease_since(BootTime(1000s), length);
        const auto times = fence_times(lease);
        CHECK(times.drain < times.kill);
        CHECK(times.kill < times.last);
        CHECK(times.last < lease.deadline);
        CHECK(lease.deadline - times.kill <= 2s);
    }
    const auto times = fence_times(half_a_minute);
    CHECK(times.drain == BootTime(120s)); // two renewals, one each ten seconds, have failed
    CHECK(times.kill == BootTime(128s));
    CHECK(times.last == BootTime(129s));
}

TEST_CASE("fence: what may run when") {
    const FencingToken mine{7};
    const auto at = [&](std::optional<Lease> lease, std::optional<FencingToken> token,
                        std::optional<FencingToken> held,
                        BootTime now) { return judge_fence(fence_of(lease, token), held, now); };
    using enum FenceVerdict;
    CHECK(at(half_a_minute, mine, {}, 100s) == open);
    CHECK(at(half_a_minute, mine, mine, 120s - 1ns) == open);
    CHECK(at(half_a_minute, mine, mine, 120s) == ending);
    CHECK(at(half_a_minute, mine, mine, 128s - 1ns) == ending);
    CHECK(at(half_a_minute, mine, mine, 128s) == closed);
    CHECK(at(half_a_minute, mine, mine, 500s) == closed);
    CHECK(at(std::nullopt, mine, mine, 100s) == closed);
    CHECK(at(half_a_minute, std::nullopt, mine, 100s) == closed);
    CHECK(at(half_a_minute, FencingToken{8}, mine, 100s) == closed);
}

TEST_CASE("fence: a line that is not whole says nothing") {
    const auto text = lease_text(half_a_minute);
    CHECK(text == "130000000000 30000000000\n");
    CHECK(parse_lease(text) == half_a_minute);
    for (std::size_t length = 0; length < text.size(); ++length) {
        CHECK_FALSE(parse_lease(text.substr(0, length)));
    }
    for (const auto* wrong : {"130000000000\n", "-5 1\n", "5 0\n", "5 6\n", "5 5 5\n", " 5 5\n",
                              "99999999999999999999 1\n", "5 5\r\n"}) {
        CHECK_FALSE(parse_lease(wrong));
    }
    CHECK(token_text(FencingToken{42}) == "42\n");
    CHECK(parse_token("42\n") == FencingToken{42});
    for (const auto* wrong : {"", "42", "0\n", "-1\n", "4 2\n", "x\n"}) {
        CHECK_FALSE(parse_token(wrong));
    }
}

TEST_CASE("fence: what the agent writes is what a gateway reads") {
    const test::TemporaryHome home;
    sys::SystemEffects effects;
    const auto path = home.path() + "/run/fence";
    CHECK_FALSE(store::read_fence(path, named("a")).problem.empty());

    const auto fence = store::make_fence(effects, path);
    REQUIRE(fence);
    CHECK(store::read_fence(path, named("a")).problem.empty());
    REQUIRE(store::write_lease(effects, *fence, half_a_minute));
    REQUIRE(store::write_place(effects, *fence, FencedPlace(named("a")), FencingToken{7}));
    CHECK(store::read_fence(path, named("a")).lease == half_a_minute);
    CHECK(store::read_fence(path, named("a")).token == FencingToken{7});
    CHECK_FALSE(store::read_fence(path, named("b")).token);
    CHECK(store::read_lease(*fence) == half_a_minute);

    REQUIRE(store::write_place(effects, *fence, FencedPlace::all(), FencingToken{5}));
    CHECK(store::read_fence(path, named("b")).token == FencingToken{5});
    CHECK(store::read_fence(path, named("a")).token == FencingToken{7});
    const auto places = store::list_places(*fence);
    REQUIRE(places);
    CHECK(*places == std::map<std::string, FencingToken>{{".all", {5}}, {"a", {7}}});

    // An agent that begins anew finds what is there.
    REQUIRE(store::make_fence(effects, path));
    CHECK(store::read_lease(*fence) == half_a_minute);
    REQUIRE(store::remove_place(effects, *fence, FencedPlace(named("a"))));
    REQUIRE(store::remove_place(effects, *fence, FencedPlace::all()));
    REQUIRE(store::remove_lease(effects, *fence));
    CHECK_FALSE(store::read_fence(path, named("a")).lease);
    CHECK_FALSE(store::read_fence(path, named("a")).token);
}

TEST_CASE("fence: what cannot be used counts as absent, and is said") {
    const test::TemporaryHome home;
    sys::SystemEffects effects;
    const auto path = home.path() + "/fence";
    const auto fence = store::make_fence(effects, path);
    REQUIRE(fence);
    REQUIRE(store::write_lease(effects, *fence, half_a_minute));
    std::ofstream(path + "/places/a") << "no number\n";
    const auto damaged = store::read_fence(path, named("a"));
    CHECK_FALSE(damaged.token);
    CHECK(damaged.problem.find("places/a is damaged") != std::string::npos);
    std::ofstream(path + "/lease") << "soon\n";
    CHECK_FALSE(store::read_fence(path, named("b")).lease);
}

TEST_CASE("fence: the boot-time clock goes on, and its alarm goes off") {
    const auto before = sys::boot_time();
    const auto alarm = sys::BootAlarm::open();
    REQUIRE(alarm);
    alarm->set(BootTime(0)); // long ago, and not: never
    std::uint64_t times = 0;
    CHECK(::read(alarm->fd(), &times, sizeof times) == sizeof times);
    CHECK(sys::boot_time() > before);
}
