#include "known_profiles.hpp"
#include "reconcile/plan.hpp"
#include "render/slot.hpp"
#include "rules/port.hpp"
#include "support.hpp"

using namespace gw;
using reconcile::make_plan;

namespace {

ProfileObservation profile(const char* name, Intent::Kind intent = Intent::Kind::running) {
    ProfileObservation seen;
    seen.known.name = *ProfileName::parse(name);
    seen.known.facts.state_answer = FileAnswer::ok;
    seen.known.facts.intent.kind = intent;
    seen.known.spec.profile = seen.known.name;
    seen.known.spec.home = "/opt/data";
    seen.known.spec.profile_dir = seen.known.name.is_root()
                                      ? seen.known.spec.home
                                      : "/opt/data/profiles/" + seen.known.name.str();
    seen.known.spec.account = {10000, 10000, {}, "/opt/data"};
    seen.known.spec.command = {"hermes", "gateway", "run"};
    seen.known.spec.port = 9300;
    return seen;
}

/// The slot of a profile as an earlier pass left it.
void has_slot(ProfileObservation& seen, bool starts) {
    seen.slot.kind = ObservedSlot::Kind::ours;
    seen.slot.content.clear();
    auto spec = seen.known.spec;
    spec.starts = starts;
    for (const auto& file : render_slot(spec)) {
        seen.slot.content[file.path] = file.content;
    }
}

Plan plan_of(ProfileObservation seen) {
    Observation observation;
    observation.scandir_exists = true;
    observation.profiles.push_back(std::move(seen));
    return make_plan(std::move(observation));
}

std::string kinds(const std::vector<PlannedStep>& steps) {
    std::string text;
    for (const auto& step : steps) {
        text += std::string(text.empty() ? "" : " ") + std::string(kind_of(step.step));
    }
    return text;
}

std::string steps_of(ProfileObservation seen) {
    return kinds(plan_of(std::move(seen)).profiles.at(0).steps);
}

} // namespace

TEST_CASE("plan: a slot that is missing is made, one that is right is left alone") {
    CHECK(steps_of(profile("a")) == "create-slot");
    auto seen = profile("a");
    has_slot(seen, true);
    CHECK(steps_of(seen).empty());
    CHECK_FALSE(plan_of(seen).changes_anything());
}

TEST_CASE("plan: when the intent changed, down appears or goes") {
    auto to_stop = profile("a", Intent::Kind::stopped);
    has_slot(to_stop, true);
    auto plan = plan_of(to_stop);
    REQUIRE(kinds(plan.profiles[0].steps) == "update-slot");
    CHECK(std::get<UpdateSlot>(plan.profiles[0].steps[0].step).write.size() == 2);
    CHECK(describe(plan.profiles[0].steps[0].step) == "update slot: write down, log/down");

    auto to_start = profile("a");
    has_slot(to_start, false);
    plan = plan_of(to_start);
    REQUIRE(kinds(plan.profiles[0].steps) == "update-slot");
    CHECK(std::get<UpdateSlot>(plan.profiles[0].steps[0].step).remove ==
          std::vector<std::string>{"down", "log/down"});
}

TEST_CASE("plan: a supervised slot that loses its down is brought up") {
    auto seen = profile("a");
    has_slot(seen, false);
    seen.slot.supervised = true;
    CHECK(steps_of(seen) == "bring-up");
    has_slot(seen, true);
    CHECK(steps_of(seen).empty());
}

TEST_CASE(
    "plan: a slot that loses its down is brought up where s6-svscan may just be taking it up") {
    auto seen = profile("a");
    has_slot(seen, false);
    Observation observation;
    observation.scandir_exists = true;
    observation.supervisor_live = true;
    observation.profiles.push_back(seen);
    CHECK(kinds(make_plan(std::move(observation)).profiles.at(0).steps) == "bring-up take-up");
    CHECK(steps_of(seen) == "update-slot");
}

TEST_CASE("plan: an incomplete skeleton is completed although every file is right") {
    auto seen = profile("a");
    has_slot(seen, true);
    seen.slot.skeleton_complete = false;
    const auto plan = plan_of(seen);
    REQUIRE(kinds(plan.profiles[0].steps) == "update-slot");
    CHECK(std::get<UpdateSlot>(plan.profiles[0].steps[0].step).complete_skeleton);
}

TEST_CASE("plan: what is not ours is an obstacle, never a step") {
    for (const auto kind : {ObservedSlot::Kind::foreign, ObservedSlot::Kind::other_home,
                            ObservedSlot::Kind::unreadable}) {
        auto seen = profile("a");
        seen.slot.kind = kind;
        seen.slot.detail = "it is a symbolic link";
        const auto plan = plan_of(seen);
        CHECK(plan.profiles[0].steps.empty());
        REQUIRE(plan.profiles[0].obstacle);
        CHECK(to_line(*plan.profiles[0].obstacle) ==
              "slot gateway-a is left alone: it is a symbolic link");
        CHECK(plan.profiles[0].obstacle->code == "slot-not-ours");
    }
}

TEST_CASE("plan: the record of a parking that is over goes") {
    auto seen = profile("a", Intent::Kind::running);
    has_slot(seen, true);
    seen.parking_ended_by = "a life since then was running";
    CHECK(steps_of(seen) == "end-parking");
}

TEST_CASE("plan: the prior state is the intent, else the state, with all that was up as running") {
    const auto prior = [](Intent::Kind kind, const char* state) {
        auto seen = profile("a", kind);
        seen.known.facts.intent.text = "stopped";
        seen.known.facts.state.gateway_state = state;
        return plan_of(seen).profiles[0].prior_state;
    };
    CHECK(prior(Intent::Kind::stopped, "running") == "stopped");
    for (const char* up : {"running", "draining", "degraded"}) {
        CHECK(prior(Intent::Kind::none, up) == "running");
    }
    CHECK(prior(Intent::Kind::none, "startup_failed") == "startup_failed");
}

TEST_CASE("plan: files of the old pid namespace go, a corrupt state file is kept aside once") {
    auto seen = profile("a", Intent::Kind::none);
    has_slot(seen, false);
    seen.stale_files = {"gateway.pid", "processes.json"};
    seen.known.facts.state_answer = FileAnswer::corrupt;
    CHECK(steps_of(seen) == "remove-stale-file remove-stale-file keep-corrupt");
    seen.stale_files.clear();
    seen.state_kept_aside = true;
    CHECK(steps_of(seen).empty());
}

TEST_CASE("plan: a seed writes the intent before the slot is made, with its origin") {
    auto seen = profile("default", Intent::Kind::none);
    seen.known.facts.state_answer = FileAnswer::absent;
    Observation observation;
    observation.container.legacy_gateway_command = true;
    observation.profiles.push_back(seen);
    const auto plan = make_plan(std::move(observation));
    CHECK(kinds(plan.profiles[0].steps) == "write-intent create-slot");
    CHECK(std::get<AdoptIntent>(plan.profiles[0].steps[0].step).origin == "legacy-command");
    CHECK(plan.create_scandir);
}

TEST_CASE("plan: a profile without a port gets one of its own, once") {
    auto seen = profile("a");
    seen.known.spec.port.reset();
    const auto plan = plan_of(seen);
    REQUIRE(kinds(plan.profiles[0].steps) == "keep-port create-slot");
    const auto port = std::get<KeepPort>(plan.profiles[0].steps[0].step).port;
    CHECK(std::get<CreateSlot>(plan.profiles[0].steps[1].step).spec->port == port);

    Observation both;
    both.profiles = {seen, profile("b")};
    both.profiles[1].known.spec.port = port;
    const auto beside = make_plan(std::move(both));
    REQUIRE(kinds(beside.profiles[0].steps) == "keep-port create-slot");
    CHECK(std::get<KeepPort>(beside.profiles[0].steps[0].step).port == port + 1);
    CHECK(kinds(beside.profiles[1].steps) == "create-slot");

    Observation full;
    full.ports = {{9200, 9299}};
    for (std::uint16_t taken = 9200; taken < 9300; ++taken) {
        full.profiles.push_back(profile("b"));
        full.profiles.back().known.spec.port = taken;
    }
    full.profiles.push_back(seen);
    const auto crowded = make_plan(std::move(full));
    CHECK(kinds(crowded.profiles.back().steps) == "create-slot");
    REQUIRE(crowded.findings.size() == 1);
    CHECK(to_line(crowded.findings[0]) ==
          "1 profiles have no port: all of 9200-9299 are taken; the key `ports` names more");
    CHECK(crowded.findings[0].code == "no-port-left");

    seen.known.settings_known = false; // the file may hold another one
    CHECK(steps_of(seen) == "create-slot");
    seen.known.settings_known = true;

    Observation foreign;
    foreign.container.foreign_owner = "another";
    foreign.profiles = {seen};
    CHECK(kinds(make_plan(std::move(foreign)).profiles[0].steps) == "create-slot");
}

TEST_CASE("plan: a slot is not replaced by less when what is kept for it cannot be read") {
    auto seen = profile("a", Intent::Kind::stopped);
    seen.known.spec.environment = {{"TOKEN", "kept"}};
    has_slot(seen, true);
    seen.known.spec.environment.clear();
    seen.known.settings_known = false;
    const auto plan = plan_of(seen);
    REQUIRE(kinds(plan.profiles[0].steps) == "update-slot");
    CHECK(describe(plan.profiles[0].steps[0].step) == "update slot: write down, log/down");
}

TEST_CASE("plan: an intent whose two files disagree is repaired") {
    auto seen = profile("a");
    has_slot(seen, true);
    seen.known.facts.intent.repair = IntentRepair::mirror_follows;
    CHECK(steps_of(seen) == "repair-intent");
}

TEST_CASE("plan: a container that runs no gateways touches nothing") {
    Observation observation;
    observation.container.runs_gateways = false;
    auto seen = profile("a");
    seen.stale_files = {"gateway.pid"};
    seen.known.facts.intent.repair = IntentRepair::mirror_follows;
    observation.profiles.push_back(seen);
    observation.orphan_slots = {{*ProfileName::parse("gone"), {true, "gone"}}};
    observation.leftovers = {".gateway-x.new"};
    const auto plan = make_plan(std::move(observation));
    CHECK_FALSE(plan.changes_anything());
    CHECK(plan.profiles[0].decision.goal == SlotGoal::untouched);
}

TEST_CASE("plan: a volume that another container owns is not written, its slots are down") {
    Observation observation;
    observation.container.foreign_owner = "container b";
    auto seen = profile("a");
    seen.stale_files = {"gateway.pid"};
    observation.profiles.push_back(seen);
    const auto plan = make_plan(std::move(observation));
    CHECK(kinds(plan.profiles[0].steps) == "create-slot");
    CHECK(describe(plan.profiles[0].steps[0].step) == "create slot, down");
}

TEST_CASE("plan: slots without a profile are retired, leftovers cleaned") {
    Observation observation;
    observation.scandir_exists = true;
    observation.orphan_slots = {{*ProfileName::parse("gone"), {true, "gone"}},
                                {*ProfileName::parse("away"), {false, "away"}}};
    observation.leftovers = {".gateway-x.new"};
    const auto plan = make_plan(std::move(observation));
    REQUIRE(plan.retired.size() == 1);
    CHECK(plan.retired[0].first.str() == "gone");
    REQUIRE(plan.kept.size() == 1);
    CHECK(plan.kept[0].subject == "away");
    CHECK(plan.leaves_doubts());
    CHECK(kinds(plan.leftovers) == "clean-leftover");
    CHECK(plan.changes_anything());
}

TEST_CASE(
    "plan: an unregistered profile gets no slot, and loses the one that its end left behind") {
    auto seen = profile("a");
    seen.known.facts.unregistered = "by uid 1";
    seen.known.spec.port.reset();
    CHECK(steps_of(seen).empty());
    has_slot(seen, true);
    CHECK(steps_of(seen) == "retire-slot");
    seen.slot.kind = ObservedSlot::Kind::foreign;
    CHECK(steps_of(seen).empty());
}

TEST_CASE("plan: a profile that another tool has started is kept as registered") {
    auto seen = profile("a");
    seen.known.facts.registered_again = true;
    CHECK(steps_of(seen) == "keep-registered create-slot");
}

TEST_CASE("plan: every step carries its reason") {
    auto seen = profile("a");
    seen.stale_files = {"gateway.pid"};
    const auto plan = plan_of(seen);
    for (const auto& step : plan.profiles[0].steps) {
        CHECK_FALSE(step.why.empty());
        CHECK_FALSE(describe(step.step).empty());
    }
}

TEST_CASE("plan: what is wanted says up, down and the port without a look at the scandir") {
    std::vector<KnownProfile> known = {profile("a").known,
                                       profile("b", Intent::Kind::stopped).known};
    known[1].spec.port.reset();
    const auto desired = desire({}, test::each_of(known));
    REQUIRE(desired.profiles.size() == 2);
    CHECK(wanted_spec(known[0].spec, desired.profiles[0]).starts);
    CHECK_FALSE(desired.profiles[0].port_to_keep);
    CHECK_FALSE(wanted_spec(known[1].spec, desired.profiles[1]).starts);
    REQUIRE(desired.profiles[1].port_to_keep);
    CHECK(desired.profiles[1].port == desired.profiles[1].port_to_keep);
    CHECK(desired.profiles[1].decision.reason == Reason::intent);
}

TEST_CASE("plan: of two profiles with one port that one keeps it whose name leads to it, else the "
          "first") {
    const auto ports_for = [](std::uint16_t port, std::vector<std::string> names) {
        std::vector<KnownProfile> known;
        for (const auto& name : names) {
            known.push_back(profile(name.c_str()).known);
            known.back().spec.port = port;
        }
        std::vector<std::optional<std::uint16_t>> ports;
        for (const auto& one : desire({}, test::each_of(known)).profiles) {
            ports.push_back(one.port);
            CHECK(one.port_to_keep.has_value() == (one.port != port));
        }
        return ports;
    };
    const auto natural = *choose_port(*ProfileName::parse("mail"), {}, default_port_ranges);
    for (const auto& names : {std::vector<std::string>{"a-copy", "mail", "mail-old"},
                              std::vector<std::string>{"mail", "mail-new", "z"}}) {
        const auto ports = ports_for(natural, names);
        for (std::size_t i = 0; i < names.size(); ++i) {
            CHECK((ports[i] == natural) == (names[i] == "mail"));
        }
        CHECK(ports[1] != ports[2]);
    }
    const auto chosen = ports_for(8080, {"x", "y"});
    CHECK(chosen[0] == 8080);
    CHECK(chosen[1] != 8080);
}
