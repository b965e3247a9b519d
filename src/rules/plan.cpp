#include "rules/plan.hpp"

#include "base/text.hpp"
#include "rules/findings.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace gw {

namespace {

template <class... F> struct Overloaded : F... {
    using F::operator()...;
};

/// What a repair does, and why.
std::pair<std::string_view, std::string_view> words_of(IntentRepair repair) {
    switch (repair) {
    case IntentRepair::mirror_follows:
        return {"repair desired_state in gateway_state.json", "an old copy is there, or none"};
    case IntentRepair::intent_file_follows:
        return {"let .gateway-intent.json follow gateway_state.json",
                "another tool changed the intent"};
    case IntentRepair::both_are_named_anew:
        return {"name the profile in its files", "it was renamed, moved or restored"};
    case IntentRepair::none:
        break;
    }
    return {};
}

bool says_down(std::string_view path) {
    return path == "down" || path == "log/down";
}

std::string listed(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) {
        out += (out.empty() ? "" : ", ") + word;
    }
    return out;
}

std::string paths_of(const std::vector<SlotFile>& files) {
    std::vector<std::string> paths;
    paths.reserve(files.size());
    for (const auto& file : files) {
        paths.push_back(file.path);
    }
    return listed(paths);
}

} // namespace

std::string_view kind_of(const Step& step) {
    constexpr std::array<std::string_view, std::variant_size_v<Step>> names = {
        "create-slot",       "update-slot",  "retire-slot",     "take-up",        "bring-up",
        "remove-stale-file", "keep-corrupt", "keep-registered", "keep-port",      "forget-original",
        "write-intent",      "end-parking",  "repair-intent",   "clean-leftover", "keep-volume"};
    return names.at(step.index());
}

bool concerns_slot(const Step& step) {
    return std::holds_alternative<CreateSlot>(step) || std::holds_alternative<UpdateSlot>(step) ||
           std::holds_alternative<RetireSlot>(step) || std::holds_alternative<TakeUp>(step) ||
           std::holds_alternative<BringUp>(step);
}

bool decides_up_or_down(const Step& step) {
    const auto* update = std::get_if<UpdateSlot>(&step);
    const auto is_written = [](const SlotFile& file) { return says_down(file.path); };
    return std::holds_alternative<BringUp>(step) || std::holds_alternative<RetireSlot>(step) ||
           (update != nullptr && (std::ranges::any_of(update->write, is_written) ||
                                  std::ranges::any_of(update->remove, says_down)));
}

std::string describe(const Step& step) {
    return std::visit(
        Overloaded{
            [](const CreateSlot& s) {
                return std::string("create slot, ") + (s.spec->starts ? "up" : "down");
            },
            [](const UpdateSlot& s) {
                std::string out = "update slot:";
                out += s.write.empty() ? "" : " write " + paths_of(s.write);
                out += s.remove.empty() ? "" : " remove " + listed(s.remove);
                out += s.complete_skeleton ? " complete supervise/ and event/" : "";
                return out;
            },
            [](const RetireSlot&) { return std::string("retire slot"); },
            [](const TakeUp&) { return std::string("have the slot taken up"); },
            [](const BringUp&) { return std::string("bring up"); },
            [](const RemoveStale& s) { return "remove stale " + s.file; },
            [](const KeepCorruptAside&) {
                return std::string("keep corrupt gateway_state.json aside");
            },
            [](const KeepRegistered&) { return std::string("keep that it is registered"); },
            [](const KeepPort& s) { return "keep port " + std::to_string(s.port); },
            [](const ForgetOriginal&) { return std::string("forget what the original was"); },
            [](const AdoptIntent&) { return std::string("write intent running"); },
            [](const EndParking&) { return std::string("forget the parking"); },
            [](const RepairIntent& s) { return std::string(words_of(s.direction).first); },
            [](const CleanLeftover& s) { return "clean leftover " + printable(s.name); },
            [](const KeepVolume& s) {
                return std::string(s.files.empty() ? "bring up" : "make") +
                       " the service that keeps the volume";
            },
        },
        step);
}

bool ProfilePlan::has_step(bool (*is_meant)(const Step&)) const {
    return std::any_of(steps.begin(), steps.end(),
                       [&](const PlannedStep& planned) { return is_meant(planned.step); });
}

bool Plan::changes_anything() const {
    return create_scandir || keeper || !retired.empty() || !leftovers.empty() ||
           std::any_of(profiles.begin(), profiles.end(),
                       [](const ProfilePlan& profile) { return !profile.steps.empty(); });
}

bool Plan::leaves_doubts() const {
    return profiles_unlistable || !kept.empty() ||
           std::any_of(invalid.begin(), invalid.end(),
                       [](const InvalidProfile& one) { return one.reason == refused_symlink; });
}

namespace {

void plan_volume(const ProfileObservation& seen, const DesiredProfile& wanted, ProfilePlan& plan) {
    for (const auto& file : seen.stale_files) {
        plan.steps.push_back({RemoveStale{file}, "belongs to the old pid namespace"});
    }
    for (const auto& file : seen.leftovers) {
        plan.steps.push_back({CleanLeftover{file}, "remains of an interrupted write"});
    }
    const auto& facts = seen.known.facts;
    if (facts.state_answer == FileAnswer::corrupt && !seen.state_kept_aside) {
        plan.steps.push_back({KeepCorruptAside{}, facts.state_problem});
        const bool is_known = facts.intent.kind == Intent::Kind::running ||
                              facts.intent.kind == Intent::Kind::stopped;
        if (is_known && facts.intent.repair == IntentRepair::none) {
            plan.steps.push_back({RepairIntent{IntentRepair::mirror_follows},
                                  "it is not in the file that takes its place"});
        }
    }
    if (facts.copied_from) {
        plan.steps.push_back(
            {ForgetOriginal{}, "it is a copy of '" + printable(*facts.copied_from) + "'"});
    }
    if (!plan.decision.intent_origin.empty()) {
        const std::string origin(plan.decision.intent_origin);
        plan.steps.push_back({AdoptIntent{origin}, origin});
    }
    if (seen.parking_ended_by) {
        plan.steps.push_back({EndParking{}, *seen.parking_ended_by});
    }
    if (facts.intent.repair != IntentRepair::none) {
        plan.steps.push_back(
            {RepairIntent{facts.intent.repair}, std::string(words_of(facts.intent.repair).second)});
    }
    if (facts.registered_again) {
        plan.steps.push_back({KeepRegistered{}, "another tool has started it"});
    }
    if (wanted.port_to_keep) {
        plan.steps.push_back({KeepPort{*wanted.port_to_keep}, "it has none of its own yet"});
    }
}

UpdateSlot pick(const std::vector<SlotFile>& rendered, const SlotDifference& difference) {
    UpdateSlot update;
    for (const auto& file : rendered) {
        if (std::find(difference.changed.begin(), difference.changed.end(), file.path) !=
            difference.changed.end()) {
            update.write.push_back(file);
        }
    }
    update.remove = difference.extra;
    return update;
}

void spare(SlotDifference& difference, bool (*is_spared)(std::string_view path)) {
    for (auto* paths : {&difference.changed, &difference.extra}) {
        std::erase_if(*paths, [&](const auto& path) { return is_spared(path); });
    }
}

/// The difference between our slot and what is wanted of it.
void plan_update(const ProfileObservation& seen, const RenderedSlot& rendered, bool supervisor_live,
                 const std::string& why, ProfilePlan& plan) {
    auto difference = compare_slot(rendered, seen.slot.content);
    if (!seen.known.settings_known) {
        spare(difference, [](std::string_view path) { return !says_down(path); });
    }
    // An s6-svscan that lives may take it up between the look and the update, and finds `down`.
    const bool has_supervisor = seen.slot.supervised || supervisor_live;
    const bool comes_up = has_supervisor && std::ranges::any_of(difference.extra, says_down);
    if (comes_up) {
        std::erase_if(difference.extra, says_down);
    }
    if (!difference.empty() || !seen.slot.skeleton_complete) {
        auto update = pick(rendered, difference);
        update.complete_skeleton = !seen.slot.skeleton_complete;
        plan.steps.push_back({std::move(update), why});
    }
    if (comes_up) {
        plan.steps.push_back({BringUp{}, why});
    }
}

void plan_slot(const ProfileObservation& seen, const DesiredProfile& wanted,
               const RenderedSlot& rendered, bool supervisor_live, ProfilePlan& plan) {
    if (plan.decision.goal == SlotGoal::untouched) {
        return;
    }
    const std::string why(to_string(plan.decision.reason));
    if (plan.decision.goal == SlotGoal::absent) {
        if (seen.slot.kind == ObservedSlot::Kind::ours) {
            plan.steps.push_back({RetireSlot{}, why}); // who unregistered it was interrupted
        }
        return;
    }
    switch (seen.slot.kind) {
    case ObservedSlot::Kind::absent:
        plan.steps.push_back(
            {CreateSlot{std::make_shared<SlotSpec>(wanted_spec(seen.known.spec, wanted))}, why});
        return;
    case ObservedSlot::Kind::other_home:
    case ObservedSlot::Kind::foreign:
    case ObservedSlot::Kind::unreadable:
        plan.obstacle = finding(FindingCode::slot_not_ours, plan.name.str(),
                                "slot " + plan.name.slot() + " is left alone", seen.slot.detail);
        return;
    case ObservedSlot::Kind::ours:
        plan_update(seen, rendered, supervisor_live, why, plan);
        if (supervisor_live && !seen.slot.supervised) {
            plan.steps.push_back({TakeUp{}, "s6-svscan has not seen it"});
        }
        return;
    }
}

/// What the boot went by, in one word.
std::optional<std::string> prior_state_of(const ProfileFacts& facts) {
    const auto& state = facts.state.gateway_state;
    switch (facts.intent.kind) {
    case Intent::Kind::none:
    case Intent::Kind::unreadable:
        return was_alive(state) ? "running" : state;
    default:
        return facts.intent.text;
    }
}

std::optional<PlannedStep> plan_keeper(const Observation& observed, RenderedSlot rendered) {
    if (!observed.keeper_wanted) {
        return std::nullopt;
    }
    const bool agrees = compare_slot(rendered, observed.keeper).empty();
    return agrees && !observed.keeper_rests
               ? std::nullopt
               : std::optional(PlannedStep{
                     KeepVolume{agrees ? std::vector<SlotFile>{} : std::move(rendered)},
                     observed.container.foreign_owner ? "to wait for it" : "no other process can"});
}

} // namespace

ProfilePlan plan_profile(const Observation& observed, ProfileObservation seen,
                         const DesiredProfile& wanted, const RenderedSlot& rendered) {
    const auto& facts = seen.known.facts;
    ProfilePlan plan;
    plan.name = seen.known.name;
    plan.decision = wanted.decision;
    plan.prior_state = prior_state_of(facts);
    plan.gateway_state = facts.state.gateway_state;
    plan.prior_exit = facts.prior_exit;
    plan.prior_exit_detail = facts.prior_exit_detail;
    plan.supervised = seen.slot.supervised;
    plan.findings = std::move(seen.findings);
    if (may_write_volume(observed.container) && !facts.placed_elsewhere) {
        plan_volume(seen, wanted, plan);
    }
    plan_slot(seen, wanted, rendered, observed.supervisor_live, plan);
    return plan;
}

Plan plan_all_but_profiles(Observation observed, std::vector<Finding> findings,
                           RenderedSlot keeper) {
    Plan plan;
    plan.keeper = plan_keeper(observed, std::move(keeper));
    plan.owned_elsewhere = observed.container.foreign_owner.has_value();
    const bool touches_slots = observed.container.runs_gateways || observed.container.foreign_owner;
    plan.invalid = std::move(observed.invalid);
    plan.profiles_unlistable = observed.profiles_unlistable;
    plan.findings = std::move(observed.findings);
    std::move(findings.begin(), findings.end(), std::back_inserter(plan.findings));
    plan.supervisor_live = observed.supervisor_live;
    plan.create_scandir = touches_slots && !observed.scandir_exists;
    if (touches_slots) {
        for (auto& [name, verdict] : observed.orphan_slots) {
            if (verdict.may_go) {
                plan.retired.emplace_back(name, PlannedStep{RetireSlot{}, std::move(verdict.why)});
            } else {
                plan.kept.push_back(finding(FindingCode::orphan_kept, name.str(),
                                            name.slot() + " has no profile and is kept",
                                            std::move(verdict.why)));
            }
        }
        for (const auto& name : observed.leftovers) {
            plan.leftovers.push_back({CleanLeftover{name}, "remains of an interrupted pass"});
        }
    }
    return plan;
}

} // namespace gw
