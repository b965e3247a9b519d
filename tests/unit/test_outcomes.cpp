// Every end of a life, followed by every kind of boot: both decision tables together must give what
// an operator expects. docs/outcomes.md shows the table; here it is held to the code.
#include "rules/death_budget.hpp"
#include "rules/decision.hpp"
#include "rules/verdict.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

using namespace gw;

namespace {

constexpr ChildEnd exited(int code) {
    return {ChildEnd::Kind::exited, code};
}
constexpr ChildEnd killed(int signal) {
    return {ChildEnd::Kind::killed, signal};
}

/// An end: what was left on the volume, and what the supervisor heard, if anybody was left to hear.
struct End {
    std::string name;
    std::optional<EndOfLife> life; ///< nullopt: killed, no verdict
    std::string state_when_killed; ///< what stood in the state file then
    bool wants_back = true;        ///< the operator expects it back, unless the intent says no
    bool parks = false;
};

std::vector<End> all_ends() {
    using enum StopSignal;
    constexpr auto nothing = MarkerSaid::nothing;
    constexpr auto ready = LifePhase::ready;
    constexpr auto drained = DrainEnd::drained;
    constexpr auto by_itself = DrainEnd::not_needed;
    return {
        {"planned stop (marker)",
         EndOfLife{terminate, MarkerSaid::stop, false, ready, exited(0), drained}, "", false},
        {"Ctrl-C on its terminal",
         EndOfLife{terminal_interrupt, nothing, false, ready, exited(0), drained}, "", false},
        {"takeover by another instance",
         EndOfLife{terminate, MarkerSaid::takeover, false, ready, exited(0), drained}, "", false},
        {"unmarked signal: container stop, bare kill",
         EndOfLife{terminate, nothing, false, ready, exited(0), drained}, ""},
        {"unmarked signal before it was ready",
         EndOfLife{terminate, nothing, false, LifePhase::starting, killed(15), drained}, ""},
        {"unmarked signal, drain timed out",
         EndOfLife{terminate, nothing, false, ready, killed(9), DrainEnd::timed_out}, ""},
        {"ended by the fence of a fleet's member",
         EndOfLife{none, nothing, false, ready, exited(0), drained, true}, ""},
        {"restart asked for (SIGUSR1, marker, state file)",
         EndOfLife{none, nothing, true, ready, exited(0), drained}, ""},
        {"restart asked for, then a signal",
         EndOfLife{terminate, nothing, true, ready, exited(0), drained}, ""},
        {"exits 75 by itself", EndOfLife{none, nothing, false, ready, exited(75), by_itself}, ""},
        {"exits 0 by itself", EndOfLife{none, nothing, false, ready, exited(0), by_itself}, "",
         false},
        {"exits 78 (EX_CONFIG)", EndOfLife{none, nothing, false, ready, exited(78), by_itself}, "",
         false, true},
        {"dies before it was ready",
         EndOfLife{none, nothing, false, LifePhase::starting, exited(3), by_itself}, "", false},
        {"dies later", EndOfLife{none, nothing, false, ready, killed(11), by_itself}, ""},
        {"dies once too often", EndOfLife{none, nothing, false, ready, killed(11), by_itself}, "",
         false, true},
        {"everything killed while running (SIGKILL, power)", std::nullopt, "running"},
        {"everything killed while draining", std::nullopt, "draining"},
        {"everything killed while starting, after a life that was running", std::nullopt,
         "starting"},
        {"everything killed in its first start", std::nullopt, "starting", false},
    };
}

/// A boot: what is true around the profile.
struct Boot {
    std::string name;
    Intent::Kind intent = Intent::Kind::none;
    std::function<void(ContainerFacts&)> around = [](ContainerFacts&) {};
    bool unregistered = false;
};

std::vector<Boot> all_boots() {
    return {
        {"intent running", Intent::Kind::running},
        {"intent stopped", Intent::Kind::stopped},
        {"no intent (new to the tool)", Intent::Kind::none},
        {"second container", Intent::Kind::running,
         [](ContainerFacts& c) { c.foreign_owner = "another"; }},
        {"role none", Intent::Kind::running, [](ContainerFacts& c) { c.runs_gateways = false; }},
        {"multiplexed", Intent::Kind::running, [](ContainerFacts& c) { c.multiplex = true; }},
        {"unregistered", Intent::Kind::running, [](ContainerFacts&) {}, true},
    };
}

ProfileFacts left_on_the_volume(const End& end, Intent::Kind intent) {
    ProfileFacts facts;
    facts.state_answer = FileAnswer::ok;
    facts.state.gateway_state = end.state_when_killed;
    if (end.state_when_killed == "starting" && end.wants_back) {
        facts.state.last_steady_state = "running";
    }
    if (end.life) {
        const auto verdict = judge_end(*end.life);
        facts.state.gateway_state = std::string(to_string(verdict.state));
        facts.state.restart_requested = verdict.cause == EndCause::restart;
    }
    facts.intent.kind = intent;
    if (end.parks) {
        facts.parked = "parked";
    }
    return facts;
}

Decision decide_after(const End& end, const Boot& boot) {
    ContainerFacts container;
    boot.around(container);
    auto facts = left_on_the_volume(end, boot.intent);
    if (boot.unregistered) {
        facts.unregistered = "by an operator";
    }
    return decide(container, facts, *ProfileName::parse("a"));
}

/// What the supervisor does at once, in a container that lives on.
std::string at_once(const End& end) {
    if (!end.life) {
        return "-";
    }
    const auto verdict = judge_end(*end.life);
    constexpr int budget = 10;
    const DeathTally before{end.parks ? budget - 1 : 0, WallTime{}};
    const auto by = was_asked_for(verdict.cause) ? EndedBy::request : EndedBy::itself;
    const auto next = judge_death(before, {verdict.exit_code, std::nullopt, {}, by}, budget);
    switch (next.action) {
    case AfterDeath::as_commanded:
        return "as commanded";
    case AfterDeath::stay_down:
        return "stays down";
    case AfterDeath::park:
        return "parked";
    case AfterDeath::start_again:
    case AfterDeath::start_when_free:
        break;
    }
    return next.pause.count() == 0 ? "starts again" : "starts again after a pause";
}

/// State, exit code, cleanness.
std::string left_behind(const End& end) {
    if (!end.life) {
        return end.state_when_killed + " | - | unclean";
    }
    const auto verdict = judge_end(*end.life);
    return std::string(to_string(verdict.state)) + " | " + std::to_string(verdict.exit_code) +
           (verdict.clean ? " | clean" : " | unclean");
}

std::string table() {
    std::string text = "| how the life ended | state | code | exit | at once |";
    std::string line = "|---|---|---|---|---|";
    for (const auto& boot : all_boots()) {
        text += " " + boot.name + " |";
        line += "---|";
    }
    text += "\n" + line + "\n";
    for (const auto& end : all_ends()) {
        text += "| " + end.name + " | " + left_behind(end);
        text += " | " + at_once(end) + " |";
        for (const auto& boot : all_boots()) {
            const auto decision = decide_after(end, boot);
            text += " " + std::string(to_string(decision.goal)) + " (" +
                    std::string(to_string(decision.reason)) + ") |";
        }
        text += "\n";
    }
    return text;
}

constexpr const char* mark_begin =
    "<!-- table: held to the code by tests/unit/test_outcomes.cpp -->\n";
constexpr const char* mark_end = "<!-- end of table -->\n";

} // namespace

TEST_CASE("a stop that the operator asked for is never undone by a boot") {
    for (const auto& end : all_ends()) {
        CAPTURE(end.name);
        CHECK(decide_after(end, {"", Intent::Kind::stopped}).goal == SlotGoal::down);
    }
}

TEST_CASE("what the operator wants up comes back after every end but parking") {
    for (const auto& end : all_ends()) {
        CAPTURE(end.name);
        CHECK((decide_after(end, {"", Intent::Kind::running}).goal == SlotGoal::up) == !end.parks);
    }
}

TEST_CASE("without an intent it comes back exactly when nobody meant it to end") {
    for (const auto& end : all_ends()) {
        CAPTURE(end.name);
        CHECK((decide_after(end, {"", Intent::Kind::none}).goal == SlotGoal::up) == end.wants_back);
    }
}

TEST_CASE("the supervisor and the next boot agree") {
    for (const auto& end : all_ends()) {
        CAPTURE(end.name);
        const bool up = decide_after(end, {"", Intent::Kind::none}).goal == SlotGoal::up;
        if (end.life && up) {
            CHECK(at_once(end).starts_with("starts again"));
        }
        if (end.parks) {
            CHECK(at_once(end) == "parked");
        }
    }
}

TEST_CASE("docs/outcomes.md shows what the code does") {
    const std::string path = DOCS "/outcomes.md";
    std::ifstream in(path);
    std::string page(std::istreambuf_iterator<char>(in), {});
    const auto begin = page.find(mark_begin);
    const auto end = page.find(mark_end);
    REQUIRE(begin != std::string::npos);
    REQUIRE(end != std::string::npos);
    const auto from = begin + std::string(mark_begin).size();
    if (std::getenv("UPDATE_DOCS") != nullptr) { // NOLINT(concurrency-mt-unsafe)
        page.replace(from, end - from, table());
        std::ofstream(path) << page;
        return;
    }
    CHECK(page.substr(from, end - from) == table());
}
