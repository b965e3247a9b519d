/// A plan and what became of it, as text: the boot log, the diff, the table, JSON.
#pragma once

#include "base/json_object.hpp"
#include "reconcile/apply.hpp"
#include "rules/plan.hpp"

#include <string>
#include <vector>

namespace gw::reconcile {

/// started (slot up), registered (slot down) or skipped (the slot was left as it is, or failed).
std::string action_word(const ProfilePlan& profile, const Outcome& outcome);

/// `<time> profile=… prior_state=… action=… prior_exit=… reason=…`, one per profile.
std::vector<std::string> boot_log_lines(const Plan& plan, const Report& report);

/// Lines of `plan`: `+` is made, `~` is changed, `-` goes, each with its reason.
std::vector<std::string> diff_lines(const Plan& plan);

/// Everything somebody must be told: warnings, invalid names, loud decisions. Printable.
std::vector<std::string> warning_lines(const Plan& plan);

/// Schema in docs/json.md.
Json plan_json(const Plan& plan);
Json report_json(const Plan& plan, const Report& report);

} // namespace gw::reconcile
