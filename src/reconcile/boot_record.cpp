#include "reconcile/boot_record.hpp"

#include <algorithm>
#include <array>

namespace gw::reconcile {

std::string_view to_string(Action action) {
    constexpr std::array<std::string_view, 6> words = {"started",   "registered", "updated",
                                                       "unchanged", "skipped",    "retired"};
    return words.at(static_cast<std::size_t>(action));
}

std::string_view log_word(Action action) {
    switch (action) {
    case Action::updated:
        return to_string(Action::registered);
    case Action::unchanged:
        return to_string(Action::skipped);
    default:
        return to_string(action);
    }
}

namespace {

/// Steps after which the supervisor does something that it did not do before.
bool changes_supervision(const Step& step) {
    return concerns_slot(step) && !std::holds_alternative<UpdateSlot>(step);
}

} // namespace

Action action_of(const ProfilePlan& profile, const Outcome& outcome) {
    if (profile.decision.goal == SlotGoal::untouched || !outcome.slot_agrees) {
        return Action::skipped;
    }
    if (profile.decision.goal == SlotGoal::absent) {
        return profile.has_step(concerns_slot) ? Action::retired : Action::skipped;
    }
    if (!profile.has_step(concerns_slot)) {
        return Action::unchanged;
    }
    if (profile.supervised && !profile.has_step(changes_supervision)) {
        return Action::updated;
    }
    return profile.decision.goal == SlotGoal::up ? Action::started : Action::registered;
}

Action action_of_retired(const ProfileName& profile, const Report& report) {
    const auto& failed = report.not_retired;
    return std::find(failed.begin(), failed.end(), profile) == failed.end() ? Action::retired
                                                                            : Action::skipped;
}

namespace {

std::vector<StepRecord> step_records(const std::vector<PlannedStep>& steps) {
    std::vector<StepRecord> records;
    records.reserve(steps.size());
    for (const auto& step : steps) {
        records.push_back({kind_of(step.step), describe(step.step), step.why});
    }
    return records;
}

ProfileRecord profile_record(const ProfilePlan& plan) {
    ProfileRecord record;
    record.name = plan.name;
    record.prior_state = plan.prior_state;
    record.gateway_state = plan.gateway_state;
    record.prior_exit = plan.prior_exit;
    record.prior_exit_detail = plan.prior_exit_detail;
    record.decision = plan.decision;
    record.steps = step_records(plan.steps);
    record.findings = plan.findings;
    record.obstacle = plan.obstacle;
    return record;
}

} // namespace

BootRecord boot_record(const Plan& plan) {
    BootRecord record;
    record.supervisor_live = plan.supervisor_live;
    record.repeats = plan.repeats;
    record.changes = plan.changes_anything();
    for (const auto& profile : plan.profiles) {
        record.profiles.push_back(profile_record(profile));
    }
    record.invalid = plan.invalid;
    for (const auto& [profile, step] : plan.retired) {
        record.retired.push_back({profile, step.why});
    }
    record.kept = plan.kept;
    record.profiles_unlistable = plan.profiles_unlistable;
    record.leftovers = step_records(plan.leftovers);
    if (plan.keeper) {
        record.keeper = step_records({*plan.keeper}).front();
    }
    record.findings = plan.findings;
    return record;
}

BootRecord boot_record(const Plan& plan, const Report& report, WallTime time) {
    auto record = boot_record(plan);
    record.time = time;
    for (std::size_t i = 0; i < record.profiles.size(); ++i) {
        const auto& outcome = report.profiles.at(i);
        record.profiles[i].action = action_of(plan.profiles[i], outcome);
        record.profiles[i].errors = outcome.errors;
    }
    for (auto& retired : record.retired) {
        retired.action = action_of_retired(retired.name, report);
    }
    record.errors = report.errors;
    record.failed = report.failed();
    return record;
}

} // namespace gw::reconcile
