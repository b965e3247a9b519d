#include "rules/plan.hpp"

#include "base/text.hpp"
#include "rules/port.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace gw {

namespace {

template <class... F> struct Overloaded : F... {
    using F::operator()...;
};

std::string up_or_down(const std::vector<SlotFile>& files) {
    const bool down = std::any_of(files.begin(), files.end(),
                                  [](const SlotFile& file) { return file.path == "down"; });
    return down ? "down" : "up";
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
        "create-slot",  "update-slot", "retire-slot",  "bring-up",      "remove-stale-file",
        "keep-corrupt", "keep-port",   "write-intent", "repair-intent", "clean-leftover"};
    return names.at(step.index());
}

std::string describe(const Step& step) {
    return std::visit(
        Overloaded{
            [](const CreateSlot& s) { return "create slot, " + up_or_down(s.files); },
            [](const UpdateSlot& s) {
                std::string out = "update slot:";
                out += s.write.empty() ? "" : " write " + paths_of(s.write);
                out += s.remove.empty() ? "" : " remove " + listed(s.remove);
                out += s.complete_skeleton ? " complete supervise/ and event/" : "";
                return out;
            },
            [](const RetireSlot&) { return std::string("retire slot"); },
            [](const BringUp&) { return std::string("bring up"); },
            [](const RemoveStale& s) { return "remove stale " + s.file; },
            [](const KeepCorruptAside&) {
                return std::string("keep corrupt gateway_state.json aside");
            },
            [](const KeepPort& s) { return "keep port " + std::to_string(s.port); },
            [](const WriteIntent& s) { return "write intent " + std::string(to_string(s.state)); },
            [](const RepairIntent& s) {
                return std::string(s.direction == IntentRepair::mirror_follows
                                       ? "repair desired_state in gateway_state.json"
                                       : "let .gateway-intent.json follow gateway_state.json");
            },
            [](const CleanLeftover& s) { return "clean leftover " + printable(s.name); },
        },
        step);
}

bool Plan::changes_anything() const {
    return create_scandir || !retired.empty() || !leftovers.empty() ||
           std::any_of(profiles.begin(), profiles.end(),
                       [](const ProfilePlan& profile) { return !profile.steps.empty(); });
}

namespace {

/// Ports of the profiles of one home, while they are given out.
struct Ports {
    std::set<std::uint16_t> taken;
    std::size_t profiles_without = 0; ///< for which none was left
};

Ports ports_of(const std::vector<ProfileObservation>& profiles) {
    Ports ports;
    for (const auto& profile : profiles) {
        if (profile.spec.port) {
            ports.taken.insert(*profile.spec.port);
        }
    }
    return ports;
}

void plan_port(ProfileObservation& seen, Ports& ports, ProfilePlan& plan) {
    if (seen.spec.port || plan.decision.goal == SlotGoal::untouched) {
        return;
    }
    seen.spec.port = choose_port(seen.name, ports.taken);
    if (!seen.spec.port) {
        ++ports.profiles_without;
        return;
    }
    ports.taken.insert(*seen.spec.port);
    if (seen.settings_known) {
        plan.steps.push_back({KeepPort{*seen.spec.port}, "it has none of its own yet"});
    }
}

void plan_volume(const ProfileObservation& seen, ProfilePlan& plan) {
    for (const auto& file : seen.stale_files) {
        plan.steps.push_back({RemoveStale{file}, "belongs to the old pid namespace"});
    }
    if (seen.facts.state_answer == FileAnswer::corrupt && !seen.state_kept_aside) {
        plan.steps.push_back({KeepCorruptAside{}, seen.facts.state_problem});
    }
    if (plan.decision.write_intent) {
        const std::string origin(to_string(plan.decision.reason));
        plan.steps.push_back({WriteIntent{*plan.decision.write_intent, origin}, origin});
    }
    if (seen.facts.intent.repair != IntentRepair::none) {
        plan.steps.push_back({RepairIntent{seen.facts.intent.repair},
                              seen.facts.intent.repair == IntentRepair::mirror_follows
                                  ? "an old copy was written back"
                                  : "another tool changed the intent"});
    }
}

bool says_down(std::string_view path) {
    return path == "down" || path == "log/down";
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

void plan_slot(ProfileObservation& seen, ProfilePlan& plan) {
    if (plan.decision.goal == SlotGoal::untouched) {
        return;
    }
    seen.spec.starts = plan.decision.goal == SlotGoal::up;
    const std::string why(to_string(plan.decision.reason));
    switch (seen.slot.kind) {
    case ObservedSlot::Kind::absent:
        plan.steps.push_back({CreateSlot{render_slot(seen.spec)}, why});
        return;
    case ObservedSlot::Kind::other_home:
    case ObservedSlot::Kind::foreign:
    case ObservedSlot::Kind::unreadable:
        plan.obstacle = "slot " + seen.name.slot() + " is left alone: " + seen.slot.detail;
        return;
    case ObservedSlot::Kind::ours:
        break;
    }
    const auto rendered = render_slot(seen.spec);
    auto difference = compare_slot(rendered, seen.slot.content);
    if (!seen.settings_known) {
        std::erase_if(difference.changed, [](const auto& path) { return !says_down(path); });
        std::erase_if(difference.extra, [](const auto& path) { return !says_down(path); });
    }
    if (difference.empty() && seen.slot.skeleton_complete) {
        return;
    }
    auto update = pick(rendered, difference);
    update.complete_skeleton = !seen.slot.skeleton_complete;
    const bool loses_down =
        std::find(update.remove.begin(), update.remove.end(), "down") != update.remove.end();
    plan.steps.push_back({std::move(update), why});
    if (loses_down && seen.slot.supervised) {
        plan.steps.push_back({BringUp{}, why});
    }
}

ProfilePlan plan_profile(const ContainerFacts& container, ProfileObservation& seen, Ports& ports) {
    ProfilePlan plan;
    plan.name = seen.name;
    plan.decision = decide(container, seen.facts, seen.name.is_root());
    plan.prior_state = seen.facts.state.gateway_state;
    plan.prior_exit = seen.facts.prior_exit;
    plan.prior_exit_detail = seen.facts.prior_exit_detail;
    plan.warnings = std::move(seen.warnings);
    if (container.runs_gateways && !container.foreign_owner) {
        plan_volume(seen, plan);
        plan_port(seen, ports, plan);
    }
    plan_slot(seen, plan);
    return plan;
}

} // namespace

Plan make_plan(Observation observation) {
    Plan plan;
    const bool touches_slots =
        observation.container.runs_gateways || observation.container.foreign_owner;
    plan.invalid = std::move(observation.invalid);
    plan.warnings = std::move(observation.warnings);
    plan.supervisor_live = observation.supervisor_live;
    plan.create_scandir = touches_slots && !observation.scandir_exists;
    Ports ports = ports_of(observation.profiles);
    for (auto& profile : observation.profiles) {
        plan.profiles.push_back(plan_profile(observation.container, profile, ports));
    }
    if (ports.profiles_without > 0) {
        plan.warnings.push_back(fmt::format("{} profiles have no port: all from {} to {} are taken",
                                            ports.profiles_without, first_port, end_of_ports - 1));
    }
    if (touches_slots) {
        for (const auto& name : observation.orphan_slots) {
            plan.retired.emplace_back(name, PlannedStep{RetireSlot{}, "its profile is gone"});
        }
        for (const auto& name : observation.leftovers) {
            plan.leftovers.push_back({CleanLeftover{name}, "remains of an interrupted pass"});
        }
    }
    return plan;
}

} // namespace gw
