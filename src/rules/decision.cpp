#include "rules/decision.hpp"

#include "base/text.hpp"

#include <array>

namespace gw {

std::string_view to_string(PriorExit exit) {
    switch (exit) {
    case PriorExit::clean:
        return "clean";
    case PriorExit::unclean:
        return "unclean";
    case PriorExit::unknown:
        break;
    }
    return "unknown";
}

std::string_view to_string(SlotGoal goal) {
    switch (goal) {
    case SlotGoal::up:
        return "up";
    case SlotGoal::down:
        return "down";
    case SlotGoal::untouched:
        break;
    }
    return "untouched";
}

std::string_view to_string(Reason reason) {
    constexpr std::array<std::string_view, 12> names = {
        "foreign-owner", "role",           "multiplexed",     "unreadable",
        "corrupt",       "parked",         "intent",          "intent-unknown",
        "last-state",    "legacy-command", "first-boot-seed", "no-state"};
    static_assert(names.size() == static_cast<std::size_t>(Reason::no_state) + 1);
    return names.at(static_cast<std::size_t>(reason));
}

namespace {

Decision decide_without_state(const ContainerFacts& container, bool root_profile) {
    if (root_profile && container.legacy_gateway_command) {
        return {SlotGoal::up, Reason::legacy_command, false, DesiredState::running, {}};
    }
    if (root_profile && container.first_boot_seed) {
        return {SlotGoal::up, Reason::first_boot_seed, false, DesiredState::running, {}};
    }
    return {SlotGoal::down, Reason::no_state, false, std::nullopt, {}};
}

Decision decide_by_intent(const Intent& intent) {
    switch (intent.kind) {
    case Intent::Kind::running:
        return {SlotGoal::up, Reason::intent, false, std::nullopt, {}};
    case Intent::Kind::stopped:
        return {SlotGoal::down, Reason::intent, false, std::nullopt, {}};
    default:
        return {SlotGoal::down, Reason::intent_unknown, true, std::nullopt,
                "desired_state is '" + shortened(intent.text) + "', neither running nor stopped"};
    }
}

} // namespace

Decision decide(const ContainerFacts& container, const ProfileFacts& profile, bool root_profile) {
    if (container.foreign_owner) {
        return {SlotGoal::down, Reason::foreign_owner, true, std::nullopt,
                "the volume's gateways belong to " + *container.foreign_owner};
    }
    if (!container.runs_gateways) {
        return {SlotGoal::untouched, Reason::role, false, std::nullopt, {}};
    }
    if (container.multiplex && !root_profile) {
        return {SlotGoal::down, Reason::multiplexed, false, std::nullopt, {}};
    }
    const bool intent_answers = profile.intent.kind != Intent::Kind::none &&
                                profile.intent.kind != Intent::Kind::unreadable;
    if (profile.state_answer == FileAnswer::unreadable && !intent_answers) {
        return {SlotGoal::down, Reason::unreadable, true, std::nullopt, profile.state_problem};
    }
    if (profile.intent.kind == Intent::Kind::unreadable) {
        return {SlotGoal::down, Reason::unreadable, true, std::nullopt,
                "the intent file cannot be read"};
    }
    if (profile.state_answer == FileAnswer::corrupt && !intent_answers) {
        return {SlotGoal::down, Reason::corrupt, true, std::nullopt, profile.state_problem};
    }
    if (profile.parked) {
        return {SlotGoal::down, Reason::parked, true, std::nullopt, *profile.parked};
    }
    if (intent_answers) {
        return decide_by_intent(profile.intent);
    }
    if (profile.state_answer == FileAnswer::absent) {
        return decide_without_state(container, root_profile);
    }
    return {comes_back(profile.state) ? SlotGoal::up : SlotGoal::down,
            Reason::last_state,
            false,
            std::nullopt,
            {}};
}

} // namespace gw
