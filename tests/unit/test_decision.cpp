#include "rules/decision.hpp"
#include "support.hpp"

#include <functional>
#include <string>
#include <vector>

using namespace gw;

namespace {

struct Case {
    ContainerFacts container;
    ProfileFacts profile;
    bool root_profile = false;

    [[nodiscard]] Decision decided() const {
        return decide(container, profile,
                      root_profile ? ProfileName::root() : *ProfileName::parse("a"));
    }
};

Intent intent(Intent::Kind kind, std::string text = {}) {
    return {kind, std::move(text), 1, IntentRepair::none};
}

/// One row of the table: `arrange` makes its condition true and touches nothing else.
struct Row {
    std::string rule;
    std::function<void(Case&)> arrange;
    SlotGoal goal;
    Reason reason;
    bool loud = false;
};

void no_intent(Case& c) {
    c.profile.intent = intent(Intent::Kind::none);
}

void state(Case& c, FileAnswer answer) {
    c.profile.state_answer = answer;
    c.profile.state_problem = "a problem";
}

std::function<void(Case&)> last_state(const char* word) {
    return [word](Case& c) {
        no_intent(c);
        state(c, FileAnswer::ok);
        c.profile.state.gateway_state = word;
    };
}

const std::vector<Row>& table() {
    using enum SlotGoal;
    static const std::vector<Row> rows = {
        {"0: unregistered, and not registered or started since",
         [](Case& c) { c.profile.unregistered = "by uid 1"; }, absent, Reason::unregistered},
        {"1: another container owns the volume",
         [](Case& c) { c.container.foreign_owner = "container b"; }, down, Reason::foreign_owner},
        {"1: another member has its place",
         [](Case& c) { c.profile.placed_elsewhere = "is not this member's"; }, down,
         Reason::foreign_owner},
        {"2: this container does not run gateways",
         [](Case& c) { c.container.runs_gateways = false; }, untouched, Reason::role},
        {"3: one root gateway serves all and this is a named profile",
         [](Case& c) {
             c.container.multiplex = true;
             c.root_profile = false;
         },
         down, Reason::multiplexed},
        {"4: state file unreadable and no intent file answers",
         [](Case& c) {
             no_intent(c);
             state(c, FileAnswer::unreadable);
         },
         down, Reason::unreadable, true},
        {"4: intent file unreadable and the state file is silent",
         [](Case& c) { c.profile.intent = intent(Intent::Kind::unreadable); }, down,
         Reason::unreadable, true},
        {"5: state file corrupt and no intent file answers",
         [](Case& c) {
             no_intent(c);
             state(c, FileAnswer::corrupt);
         },
         down, Reason::corrupt, true},
        {"6: parked", [](Case& c) { c.profile.parked = "10 deaths in a minute"; }, down,
         Reason::parked, true},
        {"7: intent running", [](Case& c) { c.profile.intent = intent(Intent::Kind::running); }, up,
         Reason::intent},
        {"8: intent stopped", [](Case& c) { c.profile.intent = intent(Intent::Kind::stopped); },
         down, Reason::intent},
        {"9: intent is neither",
         [](Case& c) { c.profile.intent = intent(Intent::Kind::unknown, "paused"); }, down,
         Reason::intent_unknown, true},
        {"10: last state running", last_state("running"), up, Reason::last_state},
        {"10: last state draining", last_state("draining"), up, Reason::last_state},
        {"10: last state degraded", last_state("degraded"), up, Reason::last_state},
        {"10: killed while starting, after a life that was running",
         [](Case& c) {
             last_state("starting")(c);
             c.profile.state.last_steady_state = "running";
         },
         up, Reason::last_state},
        {"11: last state starting", last_state("starting"), down, Reason::last_state},
        {"11: killed while starting, after a life that was stopped",
         [](Case& c) {
             last_state("starting")(c);
             c.profile.state.last_steady_state = "stopped";
         },
         down, Reason::last_state},
        {"11: last state stopped", last_state("stopped"), down, Reason::last_state},
        {"11: last state startup_failed", last_state("startup_failed"), down, Reason::last_state},
        {"11: last state unheard of", last_state("Running"), down, Reason::last_state},
        {"12: no state, default, the container's command was gateway run",
         [](Case& c) {
             no_intent(c);
             state(c, FileAnswer::absent);
             c.root_profile = true;
             c.container.legacy_gateway_command = true;
         },
         up, Reason::legacy_command},
        {"12: no state, default, the first-boot seed",
         [](Case& c) {
             no_intent(c);
             state(c, FileAnswer::absent);
             c.root_profile = true;
             c.container.first_boot_seed = true;
         },
         up, Reason::first_boot_seed},
        {"13: no state",
         [](Case& c) {
             no_intent(c);
             state(c, FileAnswer::absent);
         },
         down, Reason::no_state},
    };
    return rows;
}

} // namespace

TEST_CASE("decision: every row of the table answers for its condition alone") {
    for (const auto& row : table()) {
        CAPTURE(row.rule);
        Case c;
        row.arrange(c);
        const auto decision = c.decided();
        CHECK(decision.goal == row.goal);
        CHECK(decision.reason == row.reason);
        CHECK(decision.loud == row.loud);
        CHECK(decision.detail.empty() == !row.loud);
    }
}

TEST_CASE("decision: the evidence goes down the table and ends at the row that decided") {
    for (const auto& row : table()) {
        CAPTURE(row.rule);
        Case c;
        row.arrange(c);
        const auto evidence = c.decided().evidence;
        REQUIRE_FALSE(evidence.empty());
        CHECK(evidence.back().row == std::stoi(row.rule));
        CHECK(evidence.back().reason == row.reason);
        int row_before = 0;
        for (const auto& looked : evidence) {
            CHECK(looked.row >= row_before);
            row_before = looked.row;
            CHECK(looked.matched == (&looked == &evidence.back()));
            CHECK_FALSE(looked.value.empty());
        }
    }
}

TEST_CASE("decision: the evidence holds the values that were found") {
    Case c;
    c.profile.state_answer = FileAnswer::ok;
    c.profile.state.gateway_state = "stopped";
    c.profile.state.restart_requested = true;
    const auto decision = c.decided();
    REQUIRE(decision.evidence.size() == 12);
    const std::vector<std::string> values = {
        "not unregistered",
        "owned by this container",
        "runs gateways",
        "multiplex off, a named profile",
        "last state 'stopped', restart asked for, no intent",
        "no intent",
        "last state 'stopped', restart asked for, no intent",
        "not parked",
        "no intent",
        "no intent",
        "no intent",
        "last state 'stopped', restart asked for",
    };
    for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(decision.evidence[i].value == values[i]);
    }
    c.profile.intent = intent(Intent::Kind::unknown, "paused");
    CHECK(c.decided().evidence.back().value == "intent 'paused'");
}

TEST_CASE("decision: of two rows that match, the first wins") {
    const auto& rows = table();
    for (std::size_t later = 0; later < rows.size(); ++later) {
        for (std::size_t first = 0; first < later; ++first) {
            CAPTURE(rows[first].rule);
            CAPTURE(rows[later].rule);
            Case c;
            rows[later].arrange(c);
            rows[first].arrange(c);
            CHECK(c.decided().goal == rows[first].goal);
            CHECK(c.decided().reason == rows[first].reason);
        }
    }
}

TEST_CASE("decision: an intent answers although the state file is unreadable or corrupt") {
    for (const auto answer : {FileAnswer::unreadable, FileAnswer::corrupt, FileAnswer::absent}) {
        Case c;
        state(c, answer);
        c.profile.intent = intent(Intent::Kind::running);
        CHECK(c.decided().goal == SlotGoal::up);
        c.profile.intent = intent(Intent::Kind::stopped);
        CHECK(c.decided().goal == SlotGoal::down);
        CHECK(c.decided().reason == Reason::intent);
    }
}

TEST_CASE("decision: an explicit stop wins over every seed and over the last state") {
    Case c;
    c.root_profile = true;
    c.container.legacy_gateway_command = true;
    c.container.first_boot_seed = true;
    c.profile.intent = intent(Intent::Kind::stopped);
    CHECK(c.decided().goal == SlotGoal::down);
    last_state("running")(c);
    c.profile.intent = intent(Intent::Kind::stopped);
    CHECK(c.decided().goal == SlotGoal::down);
    CHECK(c.decided().intent_origin.empty());
}

TEST_CASE("decision: intent running beats a start that failed last time") {
    Case c;
    last_state("startup_failed")(c);
    c.profile.intent = intent(Intent::Kind::running);
    CHECK(c.decided().goal == SlotGoal::up);
}

TEST_CASE("decision: multiplex leaves the default profile alone") {
    Case c;
    c.container.multiplex = true;
    c.root_profile = true;
    c.profile.intent = intent(Intent::Kind::running);
    CHECK(c.decided().goal == SlotGoal::up);
}

TEST_CASE("decision: what comes up without an intent becomes one, with its origin") {
    for (const auto& row : table()) {
        CAPTURE(row.rule);
        Case c;
        row.arrange(c);
        const auto decided = c.decided();
        const bool own_judgement =
            decided.goal == SlotGoal::up && c.profile.intent.kind == Intent::Kind::none;
        CHECK(decided.intent_origin.empty() != own_judgement);
        if (decided.reason == Reason::last_state && own_judgement) {
            CHECK(decided.intent_origin == "adopted");
        } else if (own_judgement) {
            CHECK(decided.intent_origin == to_string(decided.reason));
        }
    }
}

TEST_CASE("decision: a seed never starts a profile that has a state file") {
    Case c;
    last_state("stopped")(c);
    c.root_profile = true;
    c.container.legacy_gateway_command = true;
    c.container.first_boot_seed = true;
    CHECK(c.decided().goal == SlotGoal::down);
    CHECK(c.decided().reason == Reason::last_state);
}

TEST_CASE("decision: the words of reasons and goals are those of the log") {
    CHECK(to_string(Reason::foreign_owner) == "foreign-owner");
    CHECK(to_string(Reason::role) == "role");
    CHECK(to_string(Reason::multiplexed) == "multiplexed");
    CHECK(to_string(Reason::unreadable) == "unreadable");
    CHECK(to_string(Reason::corrupt) == "corrupt");
    CHECK(to_string(Reason::parked) == "parked");
    CHECK(to_string(Reason::intent) == "intent");
    CHECK(to_string(Reason::intent_unknown) == "intent-unknown");
    CHECK(to_string(Reason::last_state) == "last-state");
    CHECK(to_string(Reason::legacy_command) == "legacy-command");
    CHECK(to_string(Reason::first_boot_seed) == "first-boot-seed");
    CHECK(to_string(Reason::no_state) == "no-state");
    CHECK(to_string(SlotGoal::up) == "up");
    CHECK(to_string(SlotGoal::down) == "down");
    CHECK(to_string(SlotGoal::untouched) == "untouched");
    CHECK(to_string(PriorExit::clean) == "clean");
    CHECK(to_string(PriorExit::unclean) == "unclean");
    CHECK(to_string(PriorExit::unknown) == "unknown");
}
