#include "reconcile/report.hpp"

#include "base/text.hpp"
#include "rules/findings.hpp"
#include "sys/clock.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::reconcile {

std::string action_word(const ProfilePlan& profile, const Outcome& outcome) {
    return std::string(to_string(action_of(profile, outcome)));
}

namespace {

std::string boot_log_line(const std::string& time, const ProfilePlan& profile, Action action) {
    auto line = fmt::format(
        "{} profile={} prior_state={} action={} prior_exit={} reason={}", time, profile.name.str(),
        profile.prior_state ? log_value(*profile.prior_state) : "None", log_word(action),
        to_string(profile.prior_exit), to_string(profile.decision.reason));
    if (profile.gateway_state && profile.gateway_state != profile.prior_state) {
        line += fmt::format(" gateway_state={}", log_value(*profile.gateway_state));
    }
    if (!profile.prior_exit_detail.empty()) {
        std::string detail = profile.prior_exit_detail;
        std::replace(detail.begin(), detail.end(), ' ', '_'); // one word of the line
        line += fmt::format(" prior_exit_detail={}", log_value(detail));
    }
    return line;
}

/// Of something that no profile is behind.
std::string bare_line(const std::string& time, std::string_view name, Action action,
                      std::string_view reason) {
    return fmt::format("{} profile={} prior_state=None action={} prior_exit=unknown reason={}",
                       time, log_value(name), log_word(action), reason);
}

} // namespace

std::vector<std::string> boot_log_lines(const Plan& plan, const Report& report, WallTime at) {
    std::vector<std::string> lines;
    const std::string time = sys::local_timestamp(at);
    for (std::size_t i = 0; i < plan.profiles.size(); ++i) {
        const auto& profile = plan.profiles[i];
        const auto& outcome = report.profiles.at(i);
        const bool is_news = !profile.steps.empty() || !outcome.errors.empty();
        if (is_news || !plan.repeats) {
            lines.push_back(boot_log_line(time, profile, action_of(profile, outcome)));
        }
    }
    for (const auto& invalid : plan.invalid) {
        lines.push_back(bare_line(time, invalid.name, Action::skipped, invalid.reason));
    }
    for (const auto& [profile, step] : plan.retired) {
        lines.push_back(
            bare_line(time, profile.str(), action_of_retired(profile, report), retired_reason));
    }
    for (const auto& kept : plan.kept) {
        lines.push_back(bare_line(time, kept.subject, Action::skipped, kept.code));
    }
    if (plan.profiles_unlistable) {
        lines.push_back(
            bare_line(time, "-", Action::skipped, to_string(FindingCode::unlistable_profiles)));
    }
    return lines;
}

namespace {
std::string_view sign_of(const Step& step) {
    const auto kind = kind_of(step);
    if (kind == "create-slot" || kind == "write-intent" || kind == "keep-port" ||
        kind == "keep-volume") {
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
    if (plan.keeper) {
        lines.push_back(diff_line(*plan.keeper, "scandir"));
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

namespace {

std::string named_line(const ProfileName& profile, const Finding& finding) {
    return profile.str() + ": " + printable(to_line(finding));
}

} // namespace

std::vector<std::string> warning_lines(const Plan& plan) {
    std::vector<std::string> lines;
    lines.reserve(plan.findings.size() + plan.kept.size() + plan.invalid.size());
    for (const auto* findings : {&plan.findings, &plan.kept}) {
        for (const auto& finding : *findings) {
            lines.push_back(printable(to_line(finding)));
        }
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
        for (const auto& finding : profile.findings) {
            lines.push_back(named_line(profile.name, finding));
        }
        if (profile.obstacle) {
            lines.push_back(named_line(profile.name, *profile.obstacle));
        }
    }
    return lines;
}

namespace {

Json step_json(const PlannedStep& step) {
    return {
        {"step", kind_of(step.step)}, {"what", describe(step.step)}, {"why", printable(step.why)}};
}

Json steps_json(const std::vector<PlannedStep>& steps) {
    Json list = Json::array();
    for (const auto& step : steps) {
        list.push_back(step_json(step));
    }
    return list;
}

Json errors_json(const std::vector<Error>& errors) {
    Json list = Json::array();
    for (const auto& error : errors) {
        list.push_back(printable(error.message));
    }
    return list;
}

/// `outcome`: nullptr when nothing was carried out.
Json profile_json(const ProfilePlan& profile, const Outcome* outcome) {
    const auto& decision = profile.decision;
    Json json = Json::object();
    json["profile"] = profile.name.str();
    json["goal"] = to_string(decision.goal);
    json["reason"] = to_string(decision.reason);
    json["detail"] = words_or_null(decision.detail);
    json["prior_state"] = words_or_null(profile.prior_state);
    json["prior_exit"] = to_string(profile.prior_exit);
    json["steps"] = steps_json(profile.steps);
    json["obstacle"] = profile.obstacle ? Json(printable(to_line(*profile.obstacle))) : Json();
    if (outcome != nullptr) {
        json["action"] = to_string(action_of(profile, *outcome));
        json["errors"] = errors_json(outcome->errors);
    }
    return json;
}

/// Everything but errors; `report`: nullptr when nothing was carried out.
Json pass_json(const Plan& plan, const Report* report) {
    Json root = Json::object();
    root["version"] = 1;
    root["supervisor_live"] = plan.supervisor_live;
    root["changes"] = plan.changes_anything();
    root["profiles"] = Json::array();
    for (std::size_t i = 0; i < plan.profiles.size(); ++i) {
        root["profiles"].push_back(
            profile_json(plan.profiles[i], report == nullptr ? nullptr : &report->profiles.at(i)));
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
    root["kept"] = Json::array();
    for (const auto& kept : plan.kept) {
        root["kept"].push_back({{"profile", kept.subject}, {"why", printable(kept.why)}});
    }
    root["leftovers"] = steps_json(plan.leftovers);
    root["keeper"] = plan.keeper ? step_json(*plan.keeper) : Json();
    root["warnings"] = warning_lines(plan);
    return root;
}

std::string without_end(std::string line) {
    line.pop_back();
    return line;
}

} // namespace

Json plan_json(const Plan& plan) {
    return pass_json(plan, nullptr);
}

Json report_json(const Plan& plan, const Report& report) {
    Json root = pass_json(plan, &report);
    root["errors"] = errors_json(report.errors);
    root["failed"] = report.failed();
    return root;
}

std::string history_line(const Plan& plan, const Report& report, WallTime time) {
    Json pass = Json::object();
    pass["time"] = to_rfc3339(time);
    pass["supervisor_live"] = plan.supervisor_live;
    pass["failed"] = report.failed();
    for (const auto& one : plan.invalid) {
        pass["invalid"].push_back({{"name", printable(one.name)}, {"why", printable(one.why)}});
    }
    for (const auto& [profile, step] : plan.retired) {
        pass["retired"].push_back({{"profile", profile.str()}, {"why", step.why}});
    }
    for (const auto& one : plan.kept) {
        pass["kept"].push_back({{"profile", one.subject}, {"why", printable(one.why)}});
    }
    pass["warnings"] = warning_lines(plan);
    pass["errors"] = errors_json(report.errors);
    // The profiles come last, one after the other: as one value they would be most of the memory
    // of a pass.
    auto line = without_end(to_json_line(pass));
    line.pop_back();
    line += R"(,"profiles":[)";
    constexpr std::size_t usual_length = 640; // of one with four steps
    line.reserve(line.size() + plan.profiles.size() * usual_length);
    for (std::size_t i = 0; i < plan.profiles.size(); ++i) {
        const auto& profile = plan.profiles[i];
        Json one = profile_json(profile, &report.profiles.at(i));
        one["prior_exit_detail"] = printable(profile.prior_exit_detail);
        one["gateway_state"] = words_or_null(profile.gateway_state);
        line += (i == 0 ? "" : ",") + without_end(to_json_line(one));
    }
    return line + "]}\n";
}

} // namespace gw::reconcile
