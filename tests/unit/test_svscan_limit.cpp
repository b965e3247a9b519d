#include "rules/svscan_limit.hpp"
#include "supervise/s6/version.hpp"

#include <doctest/doctest.h>

using namespace gw;

TEST_CASE("svscan limit: of both options, glued or not, of this scandir only") {
    CHECK(svscan_limit({"s6-svscan", "/run/service"}, "/run/service")->services == 500);
    CHECK_FALSE(svscan_limit({"s6-svscan", "/run/service"}, "/run/service")->is_said);
    for (const Argv& words : {Argv{"/command/s6-svscan", "-d4", "-c", "8", "--", "/run/service"},
                              Argv{"s6-svscan", "-c8", "/run/service"},
                              Argv{"s6-svscan", "-C", "8", "-t0", "/run/service"},
                              Argv{"s6-svscan", "-c", "4", "-C8", "/run/service"}}) {
        const auto limit = svscan_limit(words, "/run/service");
        REQUIRE(limit);
        CHECK(limit->services == 8);
        CHECK(limit->is_said);
    }
    CHECK_FALSE(svscan_limit({"s6-svscan", "-c", "8", "/run/other"}, "/run/service"));
    CHECK_FALSE(svscan_limit({"sh", "/run/service"}, "/run/service"));
    CHECK_FALSE(svscan_limit({}, "/run/service"));
    CHECK(svscan_limit({"s6-svscan", "-c", "many", "/run/service"}, "/run/service")->services ==
          500);
}

TEST_CASE("s6 version: a path of its convention tells, any other does not") {
    using supervise::s6_version_in;
    CHECK(s6_version_in("/package/admin/s6-2.12.0.3/command/s6-svscan") == "2.12.0.3");
    CHECK(s6_version_in("/package/admin/s6-overlay-3.2.0.0/s6-2.13.1.0/command/s6-svscan") ==
          "2.13.1.0");
    CHECK(s6_version_in("/usr/bin/s6-svscan") == std::nullopt);
    CHECK(s6_version_in("/s6-2.11") == std::nullopt);
    CHECK(s6_version_in("/s6-/s6-svscan") == std::nullopt);
}
