#include "rules/death_budget.hpp"

#include <csignal>
#include <doctest/doctest.h>

using namespace gw;
using namespace std::chrono_literals;

namespace {
const WallTime noon{std::chrono::seconds{1'800'000'000}};
Death crash(WallTime at) {
    return {3, std::nullopt, at};
}
} // namespace

TEST_CASE("deaths in a row pause longer and longer, then park with the count") {
    DeathTally tally;
    WallTime at = noon;
    constexpr std::chrono::seconds pauses[] = {1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s, 30s}; // NOLINT
    for (const auto pause : pauses) {
        const auto verdict = judge_death(tally, crash(at), 10);
        CHECK(verdict.action == AfterDeath::start_again);
        CHECK(verdict.pause == pause);
        tally = verdict.tally;
        at += pause;
    }
    const auto last = judge_death(tally, {256, 11, at}, 10);
    CHECK(last.action == AfterDeath::park);
    CHECK(last.reason == "died 10 times in a row, last of SIGSEGV");
}

TEST_CASE("crash loops slower than a minute are found, a stable life forgives") {
    DeathTally tally;
    WallTime at = noon;
    for (int i = 1; i < 10; ++i) {
        tally = judge_death(tally, crash(at), 10).tally;
        at += 9min;
    }
    CHECK(judge_death(tally, crash(at), 10).action == AfterDeath::park);
    const auto forgiven = judge_death(tally, crash(at + 20min), 10);
    CHECK(forgiven.action == AfterDeath::start_again);
    CHECK(forgiven.tally.count == 1);
}

TEST_CASE("EX_CONFIG parks at once") {
    CHECK(judge_death({}, {78, std::nullopt, noon}, 10).action == AfterDeath::park);
}

TEST_CASE("a clean exit stays down and forgets the deaths") {
    const auto verdict = judge_death({9, noon}, {0, std::nullopt, noon}, 10);
    CHECK(verdict.action == AfterDeath::stay_down);
    CHECK(verdict.tally.count == 0);
}

TEST_CASE("restarts that were asked for and orderly ends are no failures") {
    for (const Death& death :
         {Death{75, std::nullopt, noon}, Death{1, std::nullopt, noon, EndedBy::request}}) {
        const auto verdict = judge_death({9, noon}, death, 10);
        CHECK(verdict.action == AfterDeath::start_again);
        CHECK(verdict.pause == 0s);
        CHECK(verdict.tally.count == 9);
    }
}

TEST_CASE("an end that the supervisor was told of is no death: what follows is its command") {
    const DeathTally before{9, noon};
    constexpr auto command = EndedBy::command;
    for (const auto& end :
         {Death{0, std::nullopt, noon, command}, Death{78, std::nullopt, noon, command},
          Death{256, 9, noon, command}, Death{1, std::nullopt, noon, command}}) {
        const auto verdict = judge_death(before, end, 10);
        CHECK(verdict.action == AfterDeath::as_commanded);
        CHECK(verdict.tally.count == 9);
        CHECK(verdict.pause == 0s);
    }
}

TEST_CASE("a refusal is no death, whatever its code, and is tried again when the profile is free") {
    for (const int code : {0, 1, 75, 78}) {
        const auto verdict =
            judge_death({9, noon}, {code, std::nullopt, noon, EndedBy::refusal}, 10);
        CHECK(verdict.action == AfterDeath::start_when_free);
        CHECK(verdict.pause == longest_pause);
        CHECK(verdict.tally.count == 9);
    }
}

TEST_CASE("one whose place another has taken stays down, and its deaths are not its business") {
    const auto verdict = judge_death({9, noon}, {0, std::nullopt, noon, EndedBy::takeover}, 10);
    CHECK(verdict.action == AfterDeath::stay_down);
    CHECK(verdict.tally.count == 9);
}

TEST_CASE("a signal that asks for an end is told from one of a process that goes wrong") {
    for (const int asking : {SIGTERM, SIGINT, SIGHUP}) {
        CHECK(asks_to_end(asking));
    }
    for (const int wrong : {SIGKILL, SIGSEGV, SIGABRT, SIGBUS, SIGPIPE}) {
        CHECK(!asks_to_end(wrong));
    }
}

TEST_CASE("a death from the future is not recent: a clock that was wrong parks nobody") {
    for (const auto ahead : {1s, 300s, 86400s * 365}) {
        const auto verdict = judge_death({9, noon + ahead}, crash(noon), 10);
        CHECK(verdict.action == AfterDeath::start_again);
        CHECK(verdict.tally.count == 1);
        CHECK(verdict.tally.last == noon);
    }
}

TEST_CASE("death budget: the next start comes after the pause") {
    const WallTime last{std::chrono::seconds{1000}};
    CHECK_FALSE(next_start({}));
    CHECK(next_start({1, last}) == last + std::chrono::seconds{1});
    CHECK(next_start({3, last}) == last + std::chrono::seconds{4});
    CHECK(next_start({9, last}) == last + longest_pause);
}
