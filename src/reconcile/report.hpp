/// A plan and what became of it, as text: the boot log, the diff, the table, JSON.
#pragma once

#include "base/json_object.hpp"
#include "base/moment.hpp"
#include "reconcile/action.hpp"
#include "reconcile/apply.hpp"
#include "rules/plan.hpp"

#include <string>
#include <vector>

namespace gw::reconcile {

/// The word for what became of a slot.
std::string action_word(const ProfilePlan& profile, const Outcome& outcome);

/// Why a slot was retired, in the boot log and the table.
inline constexpr std::string_view retired_reason = "profile-gone";

/// `<time> profile=… prior_state=… action=… prior_exit=… reason=…`, one per profile.
std::vector<std::string> boot_log_lines(const Plan& plan, const Report& report, WallTime time);

/// Lines of `plan`: `+` is made, `~` is changed, `-` goes, each with its reason.
std::vector<std::string> diff_lines(const Plan& plan);

/// Everything somebody must be told: warnings, invalid names, loud decisions. Printable.
std::vector<std::string> warning_lines(const Plan& plan);

/// Schema in docs/json.md; what a plan that was not carried out has no word for is left out.
Json plan_json(const Plan& plan);
Json report_json(const Plan& plan, const Report& report);

/// A pass as the boot history keeps it, as a line with its end: with its time and with what was
/// found.
std::string history_line(const Plan& plan, const Report& report, WallTime time);

} // namespace gw::reconcile
