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

std::string boot_log_line(const std::string& time, const ProfileRecord& profile) {
    auto line = fmt::format("{} profile={} prior_state={} action={} prior_exit={} reason={}", time,
                            profile.name.str(),
                            profile.prior_state ? log_value(*profile.prior_state) : "None",
                            log_word(profile.action.value_or(Action::skipped)),
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

std::vector<std::string> boot_log_lines(const BootRecord& record) {
    std::vector<std::string> lines;
    const std::string time = sys::local_timestamp(record.time.value_or(WallTime{}));
    for (const auto& profile : record.profiles) {
        const bool is_news = !profile.steps.empty() || !profile.errors.empty();
        if (is_news || !record.repeats) {
            lines.push_back(boot_log_line(time, profile));
        }
    }
    for (const auto& invalid : record.invalid) {
        lines.push_back(bare_line(time, invalid.name, Action::skipped, invalid.reason));
    }
    for (const auto& retired : record.retired) {
        lines.push_back(bare_line(time, retired.name.str(),
                                  retired.action.value_or(Action::skipped), retired_reason));
    }
    for (const auto& kept : record.kept) {
        lines.push_back(bare_line(time, kept.subject, Action::skipped, kept.code));
    }
    if (record.profiles_unlistable) {
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

std::vector<std::string> warning_lines(const BootRecord& record) {
    std::vector<std::string> lines;
    lines.reserve(record.findings.size() + record.kept.size() + record.invalid.size());
    for (const auto* findings : {&record.findings, &record.kept}) {
        for (const auto& finding : *findings) {
            lines.push_back(printable(to_line(finding)));
        }
    }
    for (const auto& invalid : record.invalid) {
        lines.push_back("not a profile: " + printable(invalid.name) + ": " +
                        printable(invalid.why));
    }
    for (const auto& profile : record.profiles) {
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

std::vector<std::string> warning_lines(const Plan& plan) {
    return warning_lines(boot_record(plan));
}

namespace {

Json steps_json(const std::vector<StepRecord>& steps) {
    Json list = Json::array();
    for (const auto& step : steps) {
        list.push_back({{"step", step.kind}, {"what", step.what}, {"why", printable(step.why)}});
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

Json profile_json(const ProfileRecord& profile) {
    const auto& decision = profile.decision;
    Json json = Json::object();
    json["profile"] = profile.name.str();
    json["goal"] = to_string(decision.goal);
    json["reason"] = to_string(decision.reason);
    json["detail"] = decision.detail.empty() ? Json() : Json(printable(decision.detail));
    json["prior_state"] = profile.prior_state ? Json(printable(*profile.prior_state)) : Json();
    json["prior_exit"] = to_string(profile.prior_exit);
    json["steps"] = steps_json(profile.steps);
    json["obstacle"] = profile.obstacle ? Json(printable(to_line(*profile.obstacle))) : Json();
    if (profile.action) {
        json["action"] = to_string(*profile.action);
        json["errors"] = errors_json(profile.errors);
    }
    return json;
}

} // namespace

Json to_json(const BootRecord& record) {
    Json root = Json::object();
    root["version"] = 1;
    root["supervisor_live"] = record.supervisor_live;
    root["changes"] = record.changes;
    root["profiles"] = Json::array();
    for (const auto& profile : record.profiles) {
        root["profiles"].push_back(profile_json(profile));
    }
    root["invalid"] = Json::array();
    for (const auto& invalid : record.invalid) {
        root["invalid"].push_back(
            {{"name", printable(invalid.name)}, {"why", printable(invalid.why)}});
    }
    root["retired"] = Json::array();
    for (const auto& retired : record.retired) {
        root["retired"].push_back({{"profile", retired.name.str()}, {"why", retired.why}});
    }
    root["kept"] = Json::array();
    for (const auto& kept : record.kept) {
        root["kept"].push_back({{"profile", kept.subject}, {"why", printable(kept.why)}});
    }
    root["leftovers"] = steps_json(record.leftovers);
    root["keeper"] = record.keeper ? steps_json({*record.keeper}).front() : Json();
    root["warnings"] = warning_lines(record);
    if (record.time) {
        root["errors"] = errors_json(record.errors);
        root["failed"] = record.failed;
    }
    return root;
}

Json history_json(const BootRecord& record) {
    Json pass = Json::object();
    pass["time"] = to_rfc3339(record.time.value_or(WallTime{}));
    pass["supervisor_live"] = record.supervisor_live;
    pass["failed"] = record.failed;
    pass["profiles"] = Json::array();
    for (const auto& profile : record.profiles) {
        Json one = profile_json(profile);
        one["prior_exit_detail"] = printable(profile.prior_exit_detail);
        one["gateway_state"] =
            profile.gateway_state ? Json(printable(*profile.gateway_state)) : Json();
        pass["profiles"].push_back(std::move(one));
    }
    for (const auto& one : record.invalid) {
        pass["invalid"].push_back({{"name", printable(one.name)}, {"why", printable(one.why)}});
    }
    for (const auto& one : record.retired) {
        pass["retired"].push_back({{"profile", one.name.str()}, {"why", one.why}});
    }
    for (const auto& one : record.kept) {
        pass["kept"].push_back({{"profile", one.subject}, {"why", printable(one.why)}});
    }
    pass["warnings"] = warning_lines(record);
    pass["errors"] = errors_json(record.errors);
    return pass;
}

Json plan_json(const Plan& plan) {
    return to_json(boot_record(plan));
}

Json report_json(const Plan& plan, const Report& report) {
    return to_json(boot_record(plan, report, sys::now().wall));
}

} // namespace gw::reconcile
