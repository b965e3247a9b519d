/// What became of a slot in a boot pass, by its plan and by what failed.
#pragma once

#include "reconcile/apply.hpp"
#include "rules/plan.hpp"

#include <string_view>

namespace gw::reconcile {

/// What became of a slot.
enum class Action {
    started,    ///< it is up now
    registered, ///< it is there now, and down
    updated,    ///< it was there, and its files agree now; who ran goes on
    unchanged,  ///< it was there, as it should be: nothing was done
    skipped,    ///< it was not to be touched, or it failed
    retired,    ///< it is gone
    overtaken,  ///< left to an operation that has asked for something else meanwhile
};
std::string_view to_string(Action action);
/// The word of the boot log, whose readers know `started`, `registered` and `skipped`.
std::string_view log_word(Action action);
Action action_of(const ProfilePlan& profile, const Outcome& outcome);
/// Of a slot that was to be retired.
Action action_of_retired(const ProfileName& profile, const Report& report);

} // namespace gw::reconcile
