#include "rules/stop_end.hpp"
#include "support.hpp"

#include <csignal>

using namespace gw;

namespace {

const StopNote drained{true, "drained"};
const StopNote draining{false, "draining"};
const StopNote timed_out{false, "timed out"};

LastExit by_signal(int number) {
    return {.code = std::nullopt, .signal = number};
}

} // namespace

TEST_CASE("a stop is finished when its note says so, or when there is none and it ended") {
    CHECK(judge_stop(LastExit{.code = 1, .signal = std::nullopt}, drained).end ==
          StopEnd::finished);
    CHECK(judge_stop(LastExit{.code = 3, .signal = std::nullopt}, std::nullopt).end ==
          StopEnd::finished);
    CHECK(judge_stop(by_signal(SIGTERM), std::nullopt).end == StopEnd::finished);
    CHECK(judge_stop(std::nullopt, drained).end == StopEnd::finished);
}

TEST_CASE("what was killed, or says that it did not finish, was cut off") {
    CHECK(judge_stop(by_signal(SIGKILL), drained) ==
          StopVerdict{StopEnd::cut_off, "it ended by SIGKILL"});
    CHECK(judge_stop(by_signal(SIGSEGV), std::nullopt).end == StopEnd::cut_off);
    CHECK(judge_stop(LastExit{.code = 1, .signal = std::nullopt}, timed_out) ==
          StopVerdict{StopEnd::cut_off, "its stop came as far as 'timed out'"});
    CHECK(judge_stop(by_signal(SIGTERM), draining).end == StopEnd::cut_off);
    CHECK(judge_stop(std::nullopt, draining).end == StopEnd::cut_off);
}

TEST_CASE("an end that nobody saw and nobody noted is not called finished") {
    CHECK(judge_stop(std::nullopt, std::nullopt).end == StopEnd::unseen);
}
