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
    case SlotGoal::absent:
        return "absent";
    case SlotGoal::untouched:
        break;
    }
    return "untouched";
}

std::string_view to_string(Reason reason) {
    constexpr std::array<std::string_view, 13> names = {
        "unregistered",   "foreign-owner",   "role",    "multiplexed",    "unreadable",
        "corrupt",        "parked",          "intent",  "intent-unknown", "last-state",
        "legacy-command", "first-boot-seed", "no-state"};
    static_assert(names.size() == static_cast<std::size_t>(Reason::no_state) + 1);
    return names.at(static_cast<std::size_t>(reason));
}

namespace {

/// Everything that a row of the table may ask about.
struct Case {
    const ContainerFacts& container;
    const ProfileFacts& profile;
    const ProfileName& name;

    [[nodiscard]] bool intent_is(Intent::Kind kind) const { return profile.intent.kind == kind; }
    [[nodiscard]] bool state_is(FileAnswer answer) const { return profile.state_answer == answer; }
    /// One of the two files says what the operator wants, be it a word that nobody knows.
    [[nodiscard]] bool intent_answers() const {
        return !intent_is(Intent::Kind::none) && !intent_is(Intent::Kind::unreadable);
    }
};

std::string intent_text(const Case& found) {
    switch (found.profile.intent.kind) {
    case Intent::Kind::none:
        return "no intent";
    case Intent::Kind::running:
        return "intent running";
    case Intent::Kind::stopped:
        return "intent stopped";
    case Intent::Kind::unknown:
        return "intent '" + shortened(found.profile.intent.text) + "'";
    case Intent::Kind::unreadable:
        break;
    }
    return "intent unreadable";
}

std::string state_text(const Case& found) {
    switch (found.profile.state_answer) {
    case FileAnswer::absent:
        return found.profile.copied_from ? "no state file of its own: it is a copy of '" +
                                               shortened(*found.profile.copied_from) + "'"
                                         : "no state file";
    case FileAnswer::unreadable:
        return "state file unreadable";
    case FileAnswer::corrupt:
        return "state file corrupt";
    case FileAnswer::ok:
        break;
    }
    const auto& state = found.profile.state;
    return state.gateway_state ? "last state '" + shortened(*state.gateway_state) + "'" +
                                     (state.restart_requested ? ", restart asked for" : "") +
                                     (state.last_steady_state
                                          ? ", before '" + shortened(*state.last_steady_state) + "'"
                                          : "")
                               : "no last state";
}

std::string state_and_intent(const Case& found) {
    return state_text(found) + ", " + intent_text(found);
}

std::string for_profile(const char* what, const Case& found) {
    return std::string(what) +
           (found.name.is_root() ? ", the default profile" : ", a named profile");
}

// What the rows ask.

bool is_unregistered(const Case& found) {
    return found.profile.unregistered.has_value();
}
bool belongs_to_another(const Case& found) {
    return found.container.foreign_owner || found.profile.placed_elsewhere;
}
bool runs_no_gateways(const Case& found) {
    return !found.container.runs_gateways;
}
bool is_multiplexed(const Case& found) {
    return found.container.multiplex && !found.name.is_root();
}
bool state_unreadable(const Case& found) {
    return found.state_is(FileAnswer::unreadable) && !found.intent_answers();
}
bool intent_unreadable(const Case& found) {
    return found.intent_is(Intent::Kind::unreadable);
}
bool state_corrupt(const Case& found) {
    return found.state_is(FileAnswer::corrupt) && !found.intent_answers();
}
bool is_parked(const Case& found) {
    return found.profile.parked.has_value();
}
bool is_wanted_up(const Case& found) {
    return found.intent_is(Intent::Kind::running);
}
bool is_wanted_down(const Case& found) {
    return found.intent_is(Intent::Kind::stopped);
}
bool intent_unknown(const Case& found) {
    return found.intent_is(Intent::Kind::unknown);
}
bool has_last_state(const Case& found) {
    return !found.state_is(FileAnswer::absent);
}
bool last_state_comes_back(const Case& found) {
    return has_last_state(found) && comes_back(found.profile.state);
}
bool has_legacy_command(const Case& found) {
    return found.container.legacy_gateway_command &&
           found.container.legacy_profile == found.name.str();
}
bool is_seeded(const Case& found) {
    return found.name.is_root() && found.container.first_boot_seed;
}
bool always(const Case& /*found*/) {
    return true;
}

// What was found there.

std::string registration_found(const Case& found) {
    return found.profile.unregistered ? "unregistered " + *found.profile.unregistered
                                      : "not unregistered";
}
std::string owner_found(const Case& found) {
    return found.container.foreign_owner || !found.profile.placed_elsewhere
               ? "owned by " + found.container.foreign_owner.value_or("this container")
               : "its place " + *found.profile.placed_elsewhere;
}
std::string role_found(const Case& found) {
    return found.container.runs_gateways ? "runs gateways" : "runs no gateways";
}
std::string multiplex_found(const Case& found) {
    return for_profile(found.container.multiplex ? "multiplex on" : "multiplex off", found);
}
std::string park_found(const Case& found) {
    return found.profile.parked.value_or("not parked");
}
std::string command_found(const Case& found) {
    return for_profile(found.container.legacy_gateway_command ? "the command is `gateway run`"
                                                              : "the command is another one",
                       found);
}
std::string seed_found(const Case& found) {
    return for_profile(found.container.first_boot_seed ? "seed running" : "no seed", found);
}

// What people are told of a row that is loud.

std::string state_detail(const Case& found) {
    return found.profile.state_problem;
}
std::string intent_unreadable_detail(const Case& /*found*/) {
    return "the intent file cannot be read";
}
std::string park_detail(const Case& found) {
    return *found.profile.parked;
}
std::string intent_unknown_detail(const Case& found) {
    return "desired_state is '" + shortened(found.profile.intent.text) +
           "', neither running nor stopped";
}

/// One row of the table in decision.hpp.
struct Row {
    int number;
    SlotGoal goal;
    Reason reason;
    bool (*matches)(const Case&);
    std::string (*value)(const Case&);
    std::string (*detail)(const Case&) = nullptr; ///< null: the row is quiet
    std::string_view intent_origin{};
};

using enum SlotGoal;

// clang-format off: one row is one line
constexpr std::array table = {
    Row{0, absent, Reason::unregistered, is_unregistered, registration_found},
    Row{1, down, Reason::foreign_owner, belongs_to_another, owner_found},
    Row{2, untouched, Reason::role, runs_no_gateways, role_found},
    Row{3, down, Reason::multiplexed, is_multiplexed, multiplex_found},
    Row{4, down, Reason::unreadable, state_unreadable, state_and_intent, state_detail},
    Row{4, down, Reason::unreadable, intent_unreadable, intent_text, intent_unreadable_detail},
    Row{5, down, Reason::corrupt, state_corrupt, state_and_intent, state_detail},
    Row{6, down, Reason::parked, is_parked, park_found, park_detail},
    Row{7, up, Reason::intent, is_wanted_up, intent_text},
    Row{8, down, Reason::intent, is_wanted_down, intent_text},
    Row{9, down, Reason::intent_unknown, intent_unknown, intent_text, intent_unknown_detail},
    Row{10, up, Reason::last_state, last_state_comes_back, state_text, nullptr, "adopted"},
    Row{11, down, Reason::last_state, has_last_state, state_text},
    Row{12, up, Reason::legacy_command, has_legacy_command, command_found, nullptr,
        "legacy-command"},
    Row{12, up, Reason::first_boot_seed, is_seeded, seed_found, nullptr, "first-boot-seed"},
    Row{13, down, Reason::no_state, always, state_text},
};
// clang-format on

} // namespace

Decision decide(const ContainerFacts& container, const ProfileFacts& profile,
                const ProfileName& name) {
    const Case found{container, profile, name};
    Decision decision;
    for (const auto& row : table) {
        const bool matched = row.matches(found);
        decision.evidence.push_back({row.number, row.reason, matched, row.value(found)});
        if (!matched) {
            continue;
        }
        decision.goal = row.goal;
        decision.reason = row.reason;
        decision.loud = row.detail != nullptr;
        decision.detail = decision.loud ? row.detail(found) : std::string();
        decision.intent_origin = row.intent_origin;
        break;
    }
    return decision;
}

} // namespace gw
