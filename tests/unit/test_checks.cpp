#include "rules/checks.hpp"
#include "support.hpp"

#include <algorithm>

using namespace gw;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> codes_of(const std::vector<Finding>& found) {
    std::vector<std::string> codes;
    for (const auto& one : found) {
        codes.push_back(one.code);
        CHECK_FALSE(one.what.empty());
        CHECK_FALSE(one.why.empty());
    }
    return codes;
}

using Codes = std::vector<std::string>;

VolumeFacts good_volume() {
    VolumeFacts facts;
    facts.home = "/data";
    facts.system = {"ext4", false, false, 1U << 30U, 1U << 29U, 1000, 500};
    facts.owner = facts.self = 1000;
    facts.mode = 0755;
    facts.writable = true;
    return facts;
}

} // namespace

TEST_CASE("checks: a good machine, volume and time have nothing to say") {
    CHECK(
        check_machine({.profiles = 5, .descriptors = DescriptorLimit{"s6-svscan", 65536}}).empty());
    CHECK(check_volume(good_volume()).empty());
    CHECK(check_times({.drain = 5s}).empty());
}

TEST_CASE("checks: a machine that is too small for its profiles") {
    CHECK(codes_of(check_machine({.profiles = 100, .processes = Usage{10, 512}})) ==
          Codes{"low-limit"});
    CHECK(check_machine({.profiles = 10, .processes = Usage{10, 512}}).empty());
    CHECK(codes_of(check_machine({.memory = Usage{950, 1000}})) == Codes{"low-limit"});
    CHECK(check_machine({.memory = Usage{500, 1000}}).empty());
    const auto few = check_machine({.descriptors = DescriptorLimit{"the gateway 'a'", 256}});
    REQUIRE(codes_of(few) == Codes{"low-limit"});
    CHECK(few.front().what == "the gateway 'a' may have 256 descriptors open");
    CHECK(codes_of(check_machine({.oom_kills = 1})) == Codes{"low-limit"});
    CHECK(check_machine({.oom_kills = 0}).empty());
    CHECK(codes_of(check_machine({.services = Usage{501, 500}})) == Codes{"too-many-services"});
    CHECK(check_machine({.services = Usage{500, 500}}).empty());
}

TEST_CASE("checks: a volume that has no room") {
    auto facts = good_volume();
    facts.system.bytes_free = 1000;
    CHECK(codes_of(check_volume(facts)) == Codes{"volume-full"});
    facts = good_volume();
    facts.system.files_free = 3;
    CHECK(codes_of(check_volume(facts)) == Codes{"volume-full"});
    facts.system.files = 0; // it does not count them
    CHECK(check_volume(facts).empty());
}

TEST_CASE("checks: a volume that cannot be written to, or by too many") {
    auto facts = good_volume();
    facts.system.read_only = true;
    CHECK(check_volume(facts).front().cure == "as root: mount -o remount,rw /data");
    facts = good_volume();
    facts.writable = false;
    facts.owner = 0;
    CHECK(check_volume(facts).front().cure == "as root: chown 1000 /data");
    facts = good_volume();
    facts.mode = 0777;
    CHECK(check_volume(facts).front().cure == "chmod o-w /data");
    facts.mode = 01777;
    CHECK(check_volume(facts).empty());
}

TEST_CASE("checks: a volume that refuses, or whose locks are not everybody's") {
    auto facts = good_volume();
    facts.refusals = {{"flush a directory: Invalid argument", "a power cut may undo it"}};
    facts.system.network = true;
    CHECK(codes_of(check_volume(facts)) == Codes{"volume-refuses", "volume-refuses"});
}

TEST_CASE("checks: an end of the container that is too soon for the drains") {
    TimeFacts facts{.drain = 60s, .finish_maxtime = 5000ms};
    CHECK(codes_of(check_times(facts)) == Codes{"container-grace"});
    facts.finish_maxtime = 0ms; // no limit
    CHECK(check_times(facts).empty());
    facts.container = true;
    const auto hint = check_times(facts);
    REQUIRE(hint.size() == 1);
    CHECK(hint.front().severity == Severity::note);
    CHECK(hint.front().cure.starts_with("docker stop -t 100 "));
}

TEST_CASE("checks: an init that sleeps at the end of each stop for nothing") {
    CHECK(check_times({.drain = 5s, .kill_grace = 3000ms}).empty());
    const auto found = check_times({.drain = 5s, .kill_grace = 10000ms});
    REQUIRE(codes_of(found) == Codes{"container-grace"});
    CHECK(found.front().cure == "ENV S6_KILL_GRACETIME=3000");
}

TEST_CASE("checks: a clock that is behind what was written") {
    const WallTime now{1000h};
    CHECK(codes_of(check_times({.drain = 5s, .now = now, .newest_record = now + 2h})) ==
          Codes{"clock-wrong"});
    CHECK(check_times({.drain = 5s, .now = now, .newest_record = now + 1min}).empty());
}

TEST_CASE("checks: whose the volume is, and whether that is as it should be") {
    const Owner web{"web", "host", {}, Pid{1}, "2026-11-20T23:45:25+00:00"};
    CHECK(check_owner({Standing::Kind::nobody}, Role::owner, Guard::lock).empty());
    CHECK(check_owner({Standing::Kind::here, web}, Role::owner, Guard::lock).empty());
    const auto refused = check_owner({Standing::Kind::elsewhere, web}, Role::owner, Guard::lock);
    CHECK(codes_of(refused) == Codes{"foreign-owner"});
    CHECK(refused.front().what.find("web on host since 2026-11-20") != std::string::npos);
    CHECK(refused.front().severity == Severity::warning);
    const auto waits = check_owner({Standing::Kind::elsewhere, web}, Role::standby, Guard::lock);
    CHECK(codes_of(waits) == Codes{"foreign-owner"});
    CHECK(waits.front().severity == Severity::note);
    const auto in_fleet = check_owner({Standing::Kind::elsewhere, web}, Role::owner, Guard::fleet);
    CHECK(in_fleet.front().severity == Severity::note);
    CHECK(in_fleet.front().cure == "gatewayctl fleet status");
    CHECK(codes_of(check_owner({Standing::Kind::nobody}, Role::none, Guard::lock)) ==
          Codes{"runs-not-here"});
    CHECK(codes_of(check_owner({Standing::Kind::unknown}, Role::owner, Guard::lock)) ==
          Codes{"volume-unguarded"});
}
