#include "rules/time_limits.hpp"
#include "support.hpp"

using namespace gw;

TEST_CASE("time limits: kill timeout is the drain, at least 60 s, and 30 s to tear down") {
    CHECK(kill_timeout(seconds{0}) == seconds{90});
    CHECK(kill_timeout(seconds{60}) == seconds{90});
    CHECK(kill_timeout(seconds{61}) == seconds{91});
    CHECK(kill_timeout(seconds{180}) == seconds{210});
    CHECK(kill_timeout(max_drain_timeout) == seconds{86430});
}

TEST_CASE("time limits: the command line outlasts the supervisor's own SIGKILL") {
    for (const seconds drain : {seconds{0}, seconds{60}, seconds{180}, max_drain_timeout}) {
        CHECK(stop_deadline(drain) > kill_timeout(drain));
        CHECK(kill_timeout(drain) > drain);
    }
}

TEST_CASE("time limits: a marker lives a minute") {
    CHECK(marker_time_to_live == seconds{60});
}
