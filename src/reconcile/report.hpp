/// A plan and what became of it, as text: the boot log, the diff, the table, JSON.
#pragma once

#include "base/json_object.hpp"
#include "reconcile/apply.hpp"
#include "reconcile/boot_record.hpp"
#include "rules/plan.hpp"

#include <string>
#include <vector>

namespace gw::reconcile {

/// The word for what became of a slot.
std::string action_word(const ProfilePlan& profile, const Outcome& outcome);

/// Why a slot was retired, in the boot log and the table.
inline constexpr std::string_view retired_reason = "profile-gone";

/// `<time> profile=… prior_state=… action=… prior_exit=… reason=…`, one per profile.
std::vector<std::string> boot_log_lines(const BootRecord& record);

/// Lines of `plan`: `+` is made, `~` is changed, `-` goes, each with its reason.
std::vector<std::string> diff_lines(const Plan& plan);

/// Everything somebody must be told: warnings, invalid names, loud decisions. Printable.
std::vector<std::string> warning_lines(const BootRecord& record);
std::vector<std::string> warning_lines(const Plan& plan);

/// Schema in docs/json.md; what a plan that was not carried out has no word for is left out.
Json to_json(const BootRecord& record);
/// One pass as the boot history keeps it: with its time and with what was found.
Json history_json(const BootRecord& record);
Json plan_json(const Plan& plan);
Json report_json(const Plan& plan, const Report& report);

} // namespace gw::reconcile
