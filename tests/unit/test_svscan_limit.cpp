#include "rules/svscan_limit.hpp"

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
