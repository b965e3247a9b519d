#include "reconcile/action.hpp"

#include <algorithm>
#include <array>

namespace gw::reconcile {

std::string_view to_string(Action action) {
    constexpr std::array<std::string_view, 7> words = {
        "started", "registered", "updated", "unchanged", "skipped", "retired", "overtaken"};
    return words.at(static_cast<std::size_t>(action));
}

std::string_view log_word(Action action) {
    switch (action) {
    case Action::updated:
        return to_string(Action::registered);
    case Action::unchanged:
    case Action::overtaken:
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
    if (outcome.overtaken) {
        return Action::overtaken;
    }
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

} // namespace gw::reconcile
