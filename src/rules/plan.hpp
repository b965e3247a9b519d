/// From facts to a plan: what reconcile will do, as data, each step with its reason. Pure, so that
/// a dry run is the same plan without its execution.
#pragma once

#include "render/slot.hpp"
#include "rules/decision.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gw {

/// What is in the scandir under the name of a slot.
struct ObservedSlot {
    enum class Kind {
        absent,
        ours,       ///< a directory whose `run` names our home
        other_home, ///< a slot rendered for another home
        foreign,    ///< a symlink, a plain file, or a directory that we did not render
        unreadable, ///< whose it is cannot be told
    };
    Kind kind = Kind::absent;
    SlotContent content;           ///< when it is ours
    bool skeleton_complete = true; ///< supervise/, event/ and control FIFOs are there
    std::string detail;            ///< for people: what is foreign about it
    bool supervised = false;       ///< an s6-supervise runs on it now
};

/// Everything known about one directory that looks like a profile.
struct ProfileObservation {
    ProfileName name = ProfileName::root();
    ProfileFacts facts;
    ObservedSlot slot;
    SlotSpec spec;                        ///< `starts` is filled in by the plan
    std::vector<std::string> stale_files; ///< relative to the profile: gateway.pid, processes.json
    bool state_kept_aside = false; ///< a corrupt state file is there already under its new name
    /// False when what is kept for the service (port, environment) could not be read: a slot that
    /// is there has them, and is not replaced by less.
    bool settings_known = true;
    std::vector<std::string> warnings;
};

/// A directory that holds SOUL.md but cannot be a profile.
struct InvalidProfile {
    std::string name; ///< as found, not yet printable
    std::string why;
};

/// Facts about the whole home and scandir.
struct Observation {
    ContainerFacts container;
    std::vector<ProfileObservation> profiles; ///< sorted
    std::vector<InvalidProfile> invalid;
    std::vector<ProfileName> orphan_slots; ///< ours, but their profile is gone
    std::vector<std::string> leftovers;    ///< dot-named remains of an interrupted pass
    bool scandir_exists = false;
    bool supervisor_live = false;
    std::vector<std::string> warnings;
};

struct CreateSlot {
    std::vector<SlotFile> files;
};
struct UpdateSlot {
    std::vector<SlotFile> write;
    std::vector<std::string> remove;
    bool complete_skeleton = false;
};
struct RetireSlot {};
struct BringUp {}; ///< a supervised slot loses its `down`: its supervisor must be told
struct RemoveStale {
    std::string file;
};
struct KeepCorruptAside {};
struct KeepPort { ///< a profile that was never registered
    std::uint16_t port;
};
struct WriteIntent {
    DesiredState state;
    std::string origin;
};
struct RepairIntent {
    IntentRepair direction;
};
struct CleanLeftover {
    std::string name;
};

using Step = std::variant<CreateSlot, UpdateSlot, RetireSlot, BringUp, RemoveStale,
                          KeepCorruptAside, KeepPort, WriteIntent, RepairIntent, CleanLeftover>;

/// A stable word per kind of step, for JSON and the diff.
std::string_view kind_of(const Step& step);
/// What the step does, for people: "create slot (7 files, down)".
std::string describe(const Step& step);

struct PlannedStep {
    Step step;
    std::string why;
};

struct ProfilePlan {
    ProfileName name = ProfileName::root();
    Decision decision;
    std::optional<std::string> prior_state; ///< as found; printable only after escaping
    PriorExit prior_exit = PriorExit::unknown;
    std::string prior_exit_detail;
    std::vector<PlannedStep> steps;
    std::vector<std::string> warnings;
    /// Why the slot cannot be made to agree; the other profiles go on.
    std::optional<std::string> obstacle;
};

struct Plan {
    std::vector<ProfilePlan> profiles;
    std::vector<InvalidProfile> invalid;
    std::vector<std::pair<ProfileName, PlannedStep>> retired;
    std::vector<PlannedStep> leftovers;
    bool create_scandir = false;
    bool supervisor_live = false;
    std::vector<std::string> warnings;

    /// Whether carrying it out would change anything.
    [[nodiscard]] bool changes_anything() const;
};

Plan make_plan(Observation observation);

} // namespace gw
