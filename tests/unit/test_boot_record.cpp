#include "fakes.hpp"
#include "reconcile/report.hpp"
#include "store/boot_log.hpp"
#include "support.hpp"

using namespace gw;
using namespace gw::reconcile;

namespace {

ProfilePlan planned(const char* name, SlotGoal goal, Reason reason) {
    ProfilePlan plan;
    plan.name = *ProfileName::parse(name);
    plan.decision.goal = goal;
    plan.decision.reason = reason;
    return plan;
}

/// Two profiles and a name that is none, and what became of them.
struct Pass {
    Plan plan;
    Report report;

    Pass() {
        plan.profiles = {planned("a", SlotGoal::up, Reason::intent),
                         planned("b", SlotGoal::down, Reason::parked)};
        plan.profiles[0].steps = {{CreateSlot{}, "a reason"}};
        plan.profiles[0].prior_state = plan.profiles[0].gateway_state = "running";
        plan.profiles[1].gateway_state = "draining";
        plan.profiles[0].prior_exit = PriorExit::clean;
        plan.profiles[1].prior_exit = PriorExit::unclean;
        plan.profiles[1].prior_exit_detail = "killed by signal 9";
        plan.profiles[1].steps = {{RemoveStale{"gateway.pid"}, "a reason"},
                                  {CreateSlot{}, "a reason"}};
        plan.invalid = {{"Bad name", "its letters"}};
        report.profiles = {{}, {}};
    }
    [[nodiscard]] Action action_of(std::size_t index) const {
        return reconcile::action_of(plan.profiles.at(index), report.profiles.at(index));
    }
    /// Without the time, which is local.
    [[nodiscard]] std::vector<std::string> lines() const {
        auto lines = boot_log_lines(plan, report, WallTime{});
        for (auto& line : lines) {
            line = line.substr(line.find(' ') + 1);
        }
        return lines;
    }
};

} // namespace

TEST_CASE("boot record: one line of the log for each profile and each name that is none") {
    CHECK(Pass().lines() ==
          std::vector<std::string>{
              "profile=a prior_state=running action=started prior_exit=clean reason=intent",
              "profile=b prior_state=None action=registered prior_exit=unclean reason=parked "
              "gateway_state=draining prior_exit_detail=killed_by_signal_9",
              "profile=Bad\\x20name prior_state=None action=skipped prior_exit=unknown "
              "reason=invalid-name"});
}

TEST_CASE("boot record: a slot that does not agree or is not touched was skipped") {
    Pass pass;
    pass.report.profiles[0].slot_agrees = false;
    pass.plan.profiles[1].decision.goal = SlotGoal::untouched;
    CHECK(pass.action_of(0) == Action::skipped);
    CHECK(pass.action_of(1) == Action::skipped);
    // what failed besides the slot does not change what became of it
    pass.report.profiles[0] = {{{Errc::io, "a stale file stays", {}}}, true};
    CHECK(pass.action_of(0) == Action::started);
}

TEST_CASE("boot record: of a slot that was left as it was, nothing is said to have been done") {
    Pass pass;
    pass.plan.profiles[0].steps.clear();
    pass.plan.profiles[0].supervised = true;
    pass.plan.profiles[1].steps = {{UpdateSlot{}, "drift"}};
    pass.plan.profiles[1].supervised = true;
    CHECK(pass.action_of(0) == Action::unchanged);
    CHECK(pass.action_of(1) == Action::updated);
    CHECK(pass.lines()[0].find("action=skipped") != std::string::npos);
    pass.plan.profiles[0].steps = {{UpdateSlot{}, "intent"}, {BringUp{}, "intent"}};
    CHECK(pass.action_of(0) == Action::started);
    pass.report.profiles[0].overtaken = true;
    CHECK(pass.action_of(0) == Action::overtaken);
    CHECK(pass.lines()[0].find("action=skipped") != std::string::npos);
}

TEST_CASE("boot record: errors and what was planned are in the JSON of a pass, not of a plan") {
    Pass pass;
    pass.report.profiles[1].errors = {{Errc::io, "it\nfailed", {}}};
    const auto done = report_json(pass.plan, pass.report);
    CHECK(done["profiles"][1]["errors"][0] == "it\\nfailed");
    CHECK(done["profiles"][0]["action"] == "started");
    CHECK(done["profiles"][1]["steps"][0]["what"] == "remove stale gateway.pid");
    CHECK(done["failed"] == true);
    CHECK(done["errors"].empty());
    const auto planned = plan_json(pass.plan);
    CHECK_FALSE(planned.contains("failed"));
    CHECK_FALSE(planned["profiles"][0].contains("action"));
    CHECK(planned["profiles"][1]["steps"] == done["profiles"][1]["steps"]);
}

TEST_CASE("boot record: who has to be told what, in the order of the report") {
    Pass pass;
    pass.plan.findings = {{"code", {}, "the configuration", "why", {}}};
    pass.plan.profiles[0].findings = {{"code", "a", "one\nthing", {}, {}}};
    pass.plan.profiles[0].obstacle = Finding{"code", "a", "in the way", "what it is", {}};
    pass.plan.profiles[1].decision.loud = true;
    pass.plan.profiles[1].decision.detail = "10 deaths";
    CHECK(warning_lines(pass.plan) ==
          std::vector<std::string>{"the configuration: why", "not a profile: Bad name: its letters",
                                   "a: one\\nthing", "a: in the way: what it is",
                                   "b stays down (parked): 10 deaths"});
}

TEST_CASE("boot record: the line of a pass over many profiles is read back whole") {
    constexpr std::size_t many = 8000; // more than a file of JSON may hold
    Pass pass;
    pass.plan.profiles.resize(many, planned("a", SlotGoal::up, Reason::intent));
    pass.report.profiles.resize(many);
    const auto line = history_line(pass.plan, pass.report, WallTime{});
    CHECK(line.size() > max_json_bytes);
    CHECK(line.find('\n') == line.size() - 1);
    const test::TemporaryHome home;
    std::filesystem::create_directory(home.path() + "/logs");
    std::ofstream(home.path() + "/logs/boot-history.jsonl", std::ios::binary) << line << line;
    const auto passes = store::read_boot_history(*sys::Directory::open(home.path()));
    REQUIRE(passes.size() == 2);
    CHECK(passes[1]["profiles"].size() == many);
    CHECK(passes[1]["profiles"][many - 1]["action"] == "unchanged");
    CHECK(passes[1]["warnings"].size() == 1);
}
