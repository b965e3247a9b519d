/// What reconcile will do, as data, each step with its reason: the difference between what is
/// wanted and what is there. Pure, so that a dry run is the same plan without its execution.
#pragma once

#include "rules/desired.hpp"
#include "rules/observed.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gw {

struct CreateSlot {
    /// It is rendered when it is made: the files of all slots at once would be large.
    std::shared_ptr<const SlotSpec> spec = std::make_shared<SlotSpec>();
};
struct UpdateSlot {
    std::vector<SlotFile> write;
    std::vector<std::string> remove;
    bool complete_skeleton = false;
};
struct RetireSlot {};
struct TakeUp {}; ///< ours, and a live supervisor has not seen it yet
/// Below a live s6-svscan: its supervisor is told, and `down` goes with that and not before, so
/// that a pass that is killed leaves the next one the same to do.
struct BringUp {};
struct RemoveStale {
    std::string file;
};
struct KeepCorruptAside {};
struct KeepRegistered {}; ///< another tool has started an unregistered profile
struct KeepPort {         ///< a profile that was never registered
    std::uint16_t port;
};
struct ForgetOriginal {}; ///< of which the profile is a copy
struct AdoptIntent {      ///< "running", unless there is an intent by then
    std::string origin;
};
struct EndParking {}; ///< forget a parking that is over
struct RepairIntent {
    IntentRepair direction;
};
struct CleanLeftover {
    std::string name;
};
/// The service that has the share in the volume.
struct KeepVolume {
    std::vector<SlotFile> files; ///< empty: it is there, and has only to be brought up
};

using Step = std::variant<CreateSlot, UpdateSlot, RetireSlot, TakeUp, BringUp, RemoveStale,
                          KeepCorruptAside, KeepRegistered, KeepPort, ForgetOriginal, AdoptIntent,
                          EndParking, RepairIntent, CleanLeftover, KeepVolume>;

/// A stable word per kind of step, for JSON and the diff.
std::string_view kind_of(const Step& step);
/// Whether it makes the slot of a profile agree.
bool concerns_slot(const Step& step);
/// Whether it decides if the gateway is up. An operator may have asked for something else since the
/// plan was made, so it is carried out below his lock, after another look.
bool decides_up_or_down(const Step& step);
/// What the step does, for people: "create slot (7 files, down)".
std::string describe(const Step& step);

struct PlannedStep {
    Step step;
    std::string why;
};

struct ProfilePlan {
    ProfileName name = ProfileName::root();
    Decision decision;
    /// The intent that was found, or the state where there was none, with that of a gateway which
    /// was up as `running`: so readers of the boot log know it. Printable only after escaping.
    std::optional<std::string> prior_state;
    std::optional<std::string> gateway_state; ///< as found; printable only after escaping
    PriorExit prior_exit = PriorExit::unknown;
    std::string prior_exit_detail;
    bool supervised = false; ///< before the plan is carried out
    std::vector<PlannedStep> steps;
    std::vector<Finding> findings;
    /// Why the slot cannot be made to agree; the other profiles go on.
    std::optional<Finding> obstacle;

    /// Whether any of its steps is one of those.
    [[nodiscard]] bool has_step(bool (*is_meant)(const Step&)) const;
};

struct Plan {
    std::vector<ProfilePlan> profiles;
    std::vector<InvalidProfile> invalid;
    std::vector<std::pair<ProfileName, PlannedStep>> retired;
    std::vector<Finding> kept; ///< slots without a profile that is provably deleted
    bool profiles_unlistable = false;
    std::vector<PlannedStep> leftovers;
    std::optional<PlannedStep> keeper{};
    bool create_scandir = false;
    bool owned_elsewhere = false; ///< the volume: nothing is written there
    bool supervisor_live = false;
    bool repeats = false; ///< another pass over this scandir: the boot log has its lines already
    std::vector<Finding> findings;

    /// Whether carrying it out would change anything.
    [[nodiscard]] bool changes_anything() const;
    /// Whether something was seen that may be a profile, or its absence, and could not be settled.
    [[nodiscard]] bool leaves_doubts() const;
};

/// The files of one slot; empty for one that is not touched, or is not to be.
using RenderedSlot = std::vector<SlotFile>;

/// The part of one profile. `observed` tells of the container and the scandir as a whole;
/// `rendered`: what the wanted slot consists of, where there is one to compare it with.
ProfilePlan plan_profile(const Observation& observed, ProfileObservation seen,
                         const DesiredProfile& wanted, const RenderedSlot& rendered);

/// Everything but the parts of the profiles (reconcile/plan.hpp puts the two together). `keeper`:
/// what that service consists of, where it is wanted.
Plan plan_all_but_profiles(Observation observed, std::vector<Finding> findings,
                           RenderedSlot keeper = {});

} // namespace gw
