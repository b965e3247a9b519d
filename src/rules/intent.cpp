#include "rules/intent.hpp"

#include <algorithm>

namespace gw {

std::string_view to_string(DesiredState state) {
    return state == DesiredState::running ? "running" : "stopped";
}

DesiredWord parse_desired(std::string_view text) {
    for (const auto state : {DesiredState::running, DesiredState::stopped}) {
        if (text == to_string(state)) {
            return {state, std::string(text)};
        }
    }
    return {std::nullopt, std::string(text)};
}

namespace {

Intent intent_from(const DesiredWord& word, std::uint64_t generation, IntentRepair repair) {
    const auto kind = !word.state                            ? Intent::Kind::unknown
                      : *word.state == DesiredState::running ? Intent::Kind::running
                                                             : Intent::Kind::stopped;
    return {kind, word.text, generation, repair};
}

/// Only the mirror can answer: there is no usable intent file.
Intent from_mirror_alone(const MirrorFacts& mirror, const IntentFacts& intent_file) {
    if (mirror.desired) {
        const bool known = mirror.desired->state.has_value();
        // An absent intent file is left so: the first change through this tool writes one.
        const bool file_may_follow = known && intent_file.answer == FileAnswer::corrupt;
        return intent_from(*mirror.desired, mirror.generation.value_or(1),
                           file_may_follow ? IntentRepair::intent_file_follows
                                           : IntentRepair::none);
    }
    switch (intent_file.answer) {
    case FileAnswer::unreadable:
        return {Intent::Kind::unreadable, {}, 0, IntentRepair::none};
    case FileAnswer::corrupt:
        return {Intent::Kind::unknown, "(corrupt intent file)", 0, IntentRepair::none};
    case FileAnswer::absent:
    case FileAnswer::ok:
        return {};
    }
    return {};
}

bool mirror_wins(const MirrorFacts& mirror, const IntentFacts& intent_file) {
    if (!mirror.desired) {
        return false;
    }
    if (mirror.generation) {
        return *mirror.generation >= intent_file.generation;
    }
    return mirror.changed > intent_file.changed;
}

} // namespace

Intent resolve_intent(const MirrorFacts& mirror, const IntentFacts& intent_file) {
    if (intent_file.answer != FileAnswer::ok) {
        return from_mirror_alone(mirror, intent_file);
    }
    if (mirror.answer == FileAnswer::ok && mirror_wins(mirror, intent_file)) {
        const bool same =
            *mirror.desired == intent_file.desired && mirror.generation == intent_file.generation;
        const bool known = mirror.desired->state.has_value();
        const auto generation = std::max(mirror.generation.value_or(0), intent_file.generation);
        return intent_from(*mirror.desired, generation,
                           same || !known ? IntentRepair::none : IntentRepair::intent_file_follows);
    }
    // A tool that knows the state file alone must find the intent there, also when it was lost.
    const bool mirror_differs =
        mirror.answer == FileAnswer::absent ||
        (mirror.answer == FileAnswer::ok &&
         (mirror.desired != intent_file.desired || mirror.generation != intent_file.generation));
    const bool may_repair = mirror_differs && intent_file.desired.state.has_value();
    return intent_from(intent_file.desired, intent_file.generation,
                       may_repair ? IntentRepair::mirror_follows : IntentRepair::none);
}

std::optional<Provenance> provenance_of(const Intent& intent, const IntentFacts& intent_file) {
    if (intent.kind == Intent::Kind::none || intent.kind == Intent::Kind::unreadable) {
        return std::nullopt;
    }
    const bool its_own = intent_file.answer == FileAnswer::ok &&
                         intent.repair != IntentRepair::intent_file_follows &&
                         intent.text == intent_file.desired.text;
    return its_own ? intent_file.provenance
                   : Provenance{
                         "another tool, through gateway_state.json", "foreign-writer", {}, {}, {}};
}

} // namespace gw
