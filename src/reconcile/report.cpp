#include "reconcile/report.hpp"

#include "base/text.hpp"
#include "sys/clock.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::reconcile {

std::string action_word(const ProfilePlan& profile, const Outcome& outcome) {
    if (profile.decision.goal == SlotGoal::untouched || !outcome.slot_agrees) {
        return "skipped";
    }
    return profile.decision.goal == SlotGoal::up ? "started" : "registered";
}

namespace {
std::string prior_state_of(const ProfilePlan& profile) {
    return profile.prior_state ? log_value(*profile.prior_state) : "None";
}
} // namespace

std::vector<std::string> boot_log_lines(const Plan& plan, const Report& report) {
    std::vector<std::string> lines;
    const std::string time = sys::local_timestamp(sys::now().wall);
    for (std::size_t i = 0; i < plan.profiles.size(); ++i) {
        const auto& profile = plan.profiles[i];
        lines.push_back(fmt::format(
            "{} profile={} prior_state={} action={} prior_exit={} reason={}", time,
            profile.name.str(), prior_state_of(profile), action_word(profile, report.profiles[i]),
            to_string(profile.prior_exit), to_string(profile.decision.reason)));
        if (!profile.prior_exit_detail.empty()) {
            std::string detail = profile.prior_exit_detail;
            std::replace(detail.begin(), detail.end(), ' ', '_'); // one word of the line
            lines.back() += fmt::format(" prior_exit_detail={}", log_value(detail));
        }
    }
    for (const auto& invalid : plan.invalid) {
        lines.push_back(fmt::format("{} profile={} prior_state=None action=skipped "
                                    "prior_exit=unknown reason=invalid-name",
                                    time, log_value(invalid.name)));
    }
    return lines;
}

namespace {
std::string_view sign_of(const Step& step) {
    const auto kind = kind_of(step);
    if (kind == "create-slot" || kind == "write-intent" || kind == "keep-port") {
        return "+";
    }
    return kind == "retire-slot" || kind == "remove-stale-file" || kind == "clean-leftover" ? "-"
                                                                                            : "~";
}

std::string diff_line(const PlannedStep& step, std::string_view subject) {
    return fmt::format("{} {}: {} ({})", sign_of(step.step), subject, describe(step.step),
                       printable(step.why));
}
} // namespace

std::vector<std::string> diff_lines(const Plan& plan) {
    std::vector<std::string> lines;
    lines.reserve(plan.leftovers.size() + plan.retired.size() + plan.profiles.size());
    for (const auto& step : plan.leftovers) {
        lines.push_back(diff_line(step, "scandir"));
    }
    for (const auto& [profile, step] : plan.retired) {
        lines.push_back(diff_line(step, profile.str()));
    }
    for (const auto& profile : plan.profiles) {
        for (const auto& step : profile.steps) {
            lines.push_back(diff_line(step, profile.name.str()));
        }
        if (profile.steps.empty()) {
            lines.push_back(fmt::format("= {}: {} ({})", profile.name.str(),
                                        to_string(profile.decision.goal),
                                        to_string(profile.decision.reason)));
        }
    }
    return lines;
}

std::vector<std::string> warning_lines(const Plan& plan) {
    std::vector<std::string> lines;
    lines.reserve(plan.warnings.size() + plan.invalid.size());
    for (const auto& warning : plan.warnings) {
        lines.push_back(printable(warning));
    }
    for (const auto& invalid : plan.invalid) {
        lines.push_back("not a profile: " + printable(invalid.name) + ": " +
                        printable(invalid.why));
    }
    for (const auto& profile : plan.profiles) {
        if (profile.decision.loud) {
            lines.push_back(fmt::format("{} stays down ({}): {}", profile.name.str(),
                                        to_string(profile.decision.reason),
                                        printable(profile.decision.detail)));
        }
        for (const auto& warning : profile.warnings) {
            lines.push_back(profile.name.str() + ": " + printable(warning));
        }
        if (profile.obstacle) {
            lines.push_back(profile.name.str() + ": " + printable(*profile.obstacle));
        }
    }
    return lines;
}

namespace {

Json steps_json(const std::vector<PlannedStep>& steps) {
    Json list = Json::array();
    for (const auto& step : steps) {
        list.push_back({{"step", kind_of(step.step)},
                        {"what", describe(step.step)},
                        {"why", printable(step.why)}});
    }
    return list;
}

Json profile_json(const ProfilePlan& profile) {
    Json record = Json::object();
    record["profile"] = profile.name.str();
    record["goal"] = to_string(profile.decision.goal);
    record["reason"] = to_string(profile.decision.reason);
    record["detail"] =
        profile.decision.detail.empty() ? Json() : Json(printable(profile.decision.detail));
    record["prior_state"] = profile.prior_state ? Json(printable(*profile.prior_state)) : Json();
    record["prior_exit"] = to_string(profile.prior_exit);
    record["steps"] = steps_json(profile.steps);
    record["obstacle"] = profile.obstacle ? Json(printable(*profile.obstacle)) : Json();
    return record;
}

} // namespace

Json plan_json(const Plan& plan) {
    Json root = Json::object();
    root["version"] = 1;
    root["supervisor_live"] = plan.supervisor_live;
    root["changes"] = plan.changes_anything();
    root["profiles"] = Json::array();
    for (const auto& profile : plan.profiles) {
        root["profiles"].push_back(profile_json(profile));
    }
    root["invalid"] = Json::array();
    for (const auto& invalid : plan.invalid) {
        root["invalid"].push_back(
            {{"name", printable(invalid.name)}, {"why", printable(invalid.why)}});
    }
    root["retired"] = Json::array();
    for (const auto& [profile, step] : plan.retired) {
        root["retired"].push_back({{"profile", profile.str()}, {"why", step.why}});
    }
    root["leftovers"] = steps_json(plan.leftovers);
    root["warnings"] = warning_lines(plan);
    return root;
}

Json report_json(const Plan& plan, const Report& report) {
    Json root = plan_json(plan);
    for (std::size_t i = 0; i < report.profiles.size(); ++i) {
        auto& record = root["profiles"][i];
        record["action"] = action_word(plan.profiles[i], report.profiles[i]);
        record["errors"] = Json::array();
        for (const auto& error : report.profiles[i].errors) {
            record["errors"].push_back(printable(error.message));
        }
    }
    root["errors"] = Json::array();
    for (const auto& error : report.errors) {
        root["errors"].push_back(printable(error.message));
    }
    root["failed"] = report.failed();
    return root;
}

} // namespace gw::reconcile
