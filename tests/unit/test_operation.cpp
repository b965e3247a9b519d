#include "rules/operation.hpp"
#include "supervisor_model.hpp"

#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

using namespace gw;
using namespace std::chrono_literals;

namespace {

constexpr ProcessIdentity old_one{Pid{10}, StartTime{100}};
constexpr ProcessIdentity new_one{Pid{11}, StartTime{200}};

/// What a supervisor says; a letter per word of its state.
ObservedService service(bool wants_up, std::optional<ProcessIdentity> process, std::string change) {
    ObservedService seen;
    seen.registered = seen.supervised = true;
    seen.wants_up = wants_up;
    seen.up = process.has_value();
    seen.process = process;
    seen.change = std::move(change);
    return seen;
}

ObservedService died(bool wants_up, std::string change) {
    auto seen = service(wants_up, std::nullopt, std::move(change));
    seen.last_exit = LastExit{1, std::nullopt};
    return seen;
}

Watch watch(Goal goal, std::optional<ProcessIdentity> before = std::nullopt,
            std::string change = "c0") {
    Watch made;
    made.goal = goal;
    made.before = before;
    made.change_before = std::move(change);
    made.limits = {10s, 6s};
    return made;
}

struct Glance {
    ObservedService service;
    bool before_lives = false;
    Elapsed at{};
};

/// The last answer of a story of looks.
Answer last(Watch& watched, const std::vector<Glance>& looks) {
    Answer answer;
    for (const auto& look : looks) {
        answer = step(watched, {look.service, look.before_lives}, look.at);
    }
    return answer;
}

Answer last(Watch&& watched, const std::vector<Glance>& looks) {
    return last(watched, looks);
}

const auto alive = service(false, old_one, "c0");
const auto gone_down = service(false, std::nullopt, "c1");

} // namespace

TEST_CASE("operation: down waits for the very process, whatever the supervisor says") {
    const auto answer = last(watch(Goal::down, old_one), {{gone_down, true, 1s}});
    CHECK(answer == Answer{Act::wait, Failure::none, 10s});
}

TEST_CASE("operation: down is done when the process is gone and nobody wants it up") {
    CHECK(last(watch(Goal::down, old_one), {{alive, true, 0s}, {gone_down, false, 1s}}).act ==
          Act::done);
    CHECK(last(watch(Goal::down), {{gone_down, false, 0s}}).act == Act::done);
}

TEST_CASE(
    "operation: a process that outlives its time is a failure, or is killed when force was asked") {
    CHECK(last(watch(Goal::down, old_one), {{alive, true, 10s}}).failure == Failure::still_lives);
    for (const auto goal : {Goal::down, Goal::replaced}) {
        auto forced = watch(goal, old_one);
        forced.escalation = Escalation::kill;
        CHECK(last(forced, {{alive, true, 10s}}).act == Act::kill);
        CHECK(last(forced, {{alive, true, 11s}}).act == Act::wait);
        CHECK(last(forced, {{alive, true, 15s}}).failure == Failure::still_lives);
    }
}

TEST_CASE("operation: down gives the supervisor time to notice, then says what is so") {
    const auto unseen = service(true, std::nullopt, "c0");
    CHECK(last(watch(Goal::down, old_one), {{unseen, false, 9s}}).act == Act::wait);
    CHECK(last(watch(Goal::down, old_one), {{unseen, false, 9s}, {unseen, false, 14s}}).failure ==
          Failure::not_down);
}

TEST_CASE("operation: a later command that brings it up again is not called down") {
    const auto again = service(true, new_one, "c2");
    CHECK(last(watch(Goal::down, old_one), {{again, false, 1s}, {again, false, 10s}}).failure ==
          Failure::not_down);
}

TEST_CASE("operation: what was up already is started") {
    CHECK(last(watch(Goal::up, old_one), {{service(true, old_one, "c0"), true, 0s}}).act ==
          Act::done);
}

TEST_CASE("operation: a new process is up once it is ready, or has stayed up for a moment") {
    const auto up = service(true, new_one, "c1");
    CHECK(last(watch(Goal::up), {{up, false, 0s}}).act == Act::wait);
    CHECK(last(watch(Goal::up), {{up, false, 0s}, {up, false, settle_time}}).act == Act::done);
    auto telling = up;
    telling.ready = false;
    CHECK(last(watch(Goal::up), {{telling, false, 0s}, {telling, false, 1s}}).act == Act::wait);
    CHECK(last(watch(Goal::up), {{telling, false, 6s}}).failure == Failure::not_up);
    telling.ready = true;
    CHECK(last(watch(Goal::up), {{telling, false, 0s}}).act == Act::done);
}

TEST_CASE("operation: another process within the moment begins the moment anew") {
    const auto first = service(true, old_one, "c1");
    const auto second = service(true, new_one, "c3");
    CHECK(
        last(watch(Goal::up), {{first, false, 0s}, {second, false, 250ms}, {second, false, 400ms}})
            .act == Act::wait);
}

TEST_CASE("operation: an end after the start is told from the time before the command") {
    const auto before_the_command = died(false, "c0");
    CHECK(last(watch(Goal::up), {{before_the_command, false, 10ms}}).act == Act::wait);
    CHECK(last(watch(Goal::up), {{died(false, "c2"), false, 10ms}}).failure ==
          Failure::ended_for_good);
    CHECK(last(watch(Goal::up), {{died(true, "c2"), false, 10ms}}).act == Act::wait);
    CHECK(last(watch(Goal::up), {{died(true, "c2"), false, 10ms}, {died(true, "c2"), false, 310ms}})
              .failure == Failure::ended_and_retried);
}

TEST_CASE(
    "operation: a command that the end of an earlier life undid is given again, not for ever") {
    const auto undone = died(false, "c0");
    auto watched = watch(Goal::up);
    Elapsed now{0};
    int commands = 0;
    for (; now < 6s; now += 10ms) {
        const auto answer = step(watched, {undone, false}, now);
        commands += answer.act == Act::command ? 1 : 0;
        REQUIRE(answer.act != Act::failed);
    }
    CHECK(commands == most_commands - 1);
    CHECK(step(watched, {undone, false}, now).failure == Failure::not_up);
}

TEST_CASE("operation: a restart is done with another process, never with the old one") {
    const auto old_up = service(true, old_one, "c0");
    CHECK(last(watch(Goal::replaced, old_one), {{old_up, true, 1s}}).act == Act::wait);
    const auto between = died(true, "c1");
    const auto up = service(true, new_one, "c2");
    auto watched = watch(Goal::replaced, old_one);
    CHECK(last(watched, {{old_up, true, 0s}, {between, false, 1s}, {between, false, 2s}}).act ==
          Act::wait);
    CHECK(last(watched, {{up, false, 2s}, {up, false, 2s + settle_time}}).act == Act::done);
}

TEST_CASE("operation: the end that a restart waits for is not taken for the next one") {
    // D20: seen down, wanted up, with an end on record; nothing has happened since.
    const auto between = died(true, "c1");
    CHECK(last(watch(Goal::replaced, old_one), {{between, false, 1s}, {between, false, 4s}}).act ==
          Act::wait);
    // The replacement itself has ended.
    CHECK(last(watch(Goal::replaced, old_one),
               {{between, false, 1s}, {died(true, "c3"), false, 2s}, {died(true, "c3"), false, 3s}})
              .failure == Failure::ended_and_retried);
}

TEST_CASE(
    "operation: a start that meets the end of an earlier command waits for the life after it") {
    // It was up when the start was given, and a restart of somebody else's was under way.
    auto watched = watch(Goal::up, old_one);
    CHECK(last(watched, {{died(true, "c1"), false, 1s}, {died(true, "c1"), false, 2s}}).act ==
          Act::wait);
    const auto up = service(true, new_one, "c2");
    CHECK(last(watched, {{up, false, 3s}, {up, false, 3s + settle_time}}).act == Act::done);
}

TEST_CASE("operation: systemd and launchd replace it without a moment in between") {
    const auto up = service(true, new_one, "");
    CHECK(
        last(watch(Goal::replaced, old_one, ""), {{up, false, 0s}, {up, false, settle_time}}).act ==
        Act::done);
    const auto deactivating = [] {
        auto seen = service(false, std::nullopt, "");
        seen.up = true;
        return seen;
    }();
    CHECK(last(watch(Goal::replaced, old_one, ""), {{deactivating, false, 1s}}).act == Act::wait);
}

TEST_CASE("operation: what systemd makes of an end is known when what follows it has ended, too") {
    auto ending = died(false, "");
    ending.up = true;
    const auto up = service(true, new_one, "");
    for (const auto goal : {Goal::up, Goal::replaced}) {
        auto watched = watch(goal, old_one, "");
        CHECK(last(watched, {{up, false, 0s}, {ending, false, 1s}}).act == Act::wait);
        CHECK(last(watched, {{died(true, ""), false, 1s}, {died(true, ""), false, 2s}}).failure ==
              Failure::ended_and_retried);
        watched = watch(goal, old_one, "");
        CHECK(last(watched, {{up, false, 0s}, {ending, false, 1s}, {died(false, ""), false, 2s}})
                  .failure == Failure::ended_for_good);
    }
}

TEST_CASE("operation: nothing that supervises it is waited for") {
    ObservedService unsupervised;
    unsupervised.registered = true;
    CHECK(last(watch(Goal::up), {{unsupervised, false, 1s}}).act == Act::wait);
    CHECK(last(watch(Goal::up), {{unsupervised, false, 6s}}).failure == Failure::not_up);
}

namespace {

Watch command(test::SupervisorModel& supervisor, Goal goal) {
    const auto seen = supervisor.observed();
    const bool leaving = seen.process && !seen.wants_up;
    auto made =
        watch(goal == Goal::up && leaving ? Goal::replaced : goal, seen.process, seen.change);
    if (goal == Goal::replaced && !seen.process) {
        made.goal = Goal::up;
    }
    switch (goal) {
    case Goal::down:
        supervisor.stop();
        break;
    case Goal::up:
        supervisor.start();
        break;
    case Goal::replaced:
        supervisor.restart();
        break;
    }
    return made;
}

} // namespace

TEST_CASE("operation: in any order of commands, looks and events the last one ends as was asked") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::minstd_rand random(seed);
    for (int story = 0; story < 2000; ++story) {
        test::SupervisorModel supervisor(random);
        Watch watched;
        Goal goal = Goal::up;
        for (int n = static_cast<int>(random() % 4); n >= 0; --n) {
            goal = static_cast<Goal>(random() % 3);
            watched = command(supervisor, goal);
            for (auto ticks = random() % 6; ticks > 0; --ticks) {
                supervisor.tick();
            }
        }
        Answer answer;
        for (Elapsed now{0}; answer.act == Act::wait || answer.act == Act::command; now += 10ms) {
            const bool lives = watched.before && supervisor.process() == watched.before;
            answer = step(watched, {supervisor.observed(), lives}, now);
            if (answer.act == Act::command) {
                supervisor.start();
            }
            supervisor.tick();
            REQUIRE(now < 30s);
        }
        CAPTURE(story);
        CAPTURE(to_string(answer.failure));
        REQUIRE(answer.act == Act::done);
        // A start in the middle of a restart finds it up, and it comes back once more after that.
        for (int tick = 0; tick < 300; ++tick) {
            supervisor.tick();
        }
        CHECK(supervisor.process().has_value() == (goal != Goal::down));
    }
}
