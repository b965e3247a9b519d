/// One boot pass as a record: of each profile what was found, what was decided and why, what was
/// done and what failed. The boot log and the JSON of `plan` and `reconcile` are written from it.
#pragma once

#include "base/moment.hpp"
#include "reconcile/apply.hpp"
#include "rules/plan.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::reconcile {

/// What became of a slot.
enum class Action {
    started,    ///< it is up now
    registered, ///< it is there now, and down
    updated,    ///< it was there, and its files agree now; who ran goes on
    unchanged,  ///< it was there, as it should be: nothing was done
    skipped,    ///< it was not to be touched, or it failed
    retired,    ///< it is gone
};
std::string_view to_string(Action action);
/// The word of the boot log, whose readers know `started`, `registered` and `skipped`.
std::string_view log_word(Action action);
Action action_of(const ProfilePlan& profile, const Outcome& outcome);
/// Of a slot that was to be retired.
Action action_of_retired(const ProfileName& profile, const Report& report);

/// A step that was planned; whether it failed is in the errors.
struct StepRecord {
    std::string_view kind; ///< from `kind_of`
    std::string what;
    std::string why;
};

/// Bytes from the volume are as they were found: whoever writes them makes them printable.
struct ProfileRecord {
    ProfileName name = ProfileName::root();
    std::optional<std::string> prior_state;
    std::optional<std::string> gateway_state;
    PriorExit prior_exit = PriorExit::unknown;
    std::string prior_exit_detail;
    Decision decision;
    std::vector<StepRecord> steps;
    std::vector<Finding> findings;
    std::optional<Finding> obstacle;
    std::optional<Action> action; ///< nullopt: nothing was carried out
    std::vector<Error> errors;
};

struct BootRecord {
    std::optional<WallTime> time; ///< nullopt: nothing was carried out
    bool supervisor_live = false;
    bool repeats = false; ///< of a profile with which nothing was done, the boot log says no more
    bool changes = false; ///< the plan had any
    std::vector<ProfileRecord> profiles;
    std::vector<InvalidProfile> invalid;
    struct Retired {
        ProfileName name;
        std::string why;
        std::optional<Action> action{};
    };
    std::vector<Retired> retired;
    std::vector<Finding> kept; ///< slots without a profile that is provably deleted
    bool profiles_unlistable = false;
    std::vector<StepRecord> leftovers;
    std::optional<StepRecord> keeper; ///< of the service that keeps the volume
    std::vector<Finding> findings;    ///< of the configuration and the home as a whole
    std::vector<Error> errors;        ///< of retired slots, leftovers, rescan and boot log
    bool failed = false;
};

/// A plan that has not been carried out.
BootRecord boot_record(const Plan& plan);
/// A plan and what became of it.
BootRecord boot_record(const Plan& plan, const Report& report, WallTime time);

} // namespace gw::reconcile
