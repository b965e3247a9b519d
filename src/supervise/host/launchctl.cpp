#include "supervise/host/launchctl.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::supervise {

namespace {

std::string remedy(LaunchctlAnswer answer) {
    switch (answer) {
    case LaunchctlAnswer::not_loaded:
        return "gatewayctl status";
    case LaunchctlAnswer::domain_unmanaged:
        return "log in at the screen once, or run it from a shell of that user, not through sudo";
    case LaunchctlAnswer::not_permitted:
        return "run it as the user whose gateway it is";
    default:
        return {};
    }
}

Errc code_of(LaunchctlAnswer answer) {
    switch (answer) {
    case LaunchctlAnswer::domain_unmanaged:
        return Errc::no_manager;
    case LaunchctlAnswer::not_permitted:
        return Errc::not_permitted;
    case LaunchctlAnswer::not_loaded:
        return Errc::not_registered;
    default:
        return Errc::command_failed;
    }
}

} // namespace

LaunchctlAnswer launchctl_answer(int exit_code) {
    switch (exit_code) {
    case 0:
        return LaunchctlAnswer::done;
    case 3:
    case 113:
        return LaunchctlAnswer::not_loaded;
    case 36:
    case 37:
        return LaunchctlAnswer::in_progress;
    case 17:
    case 133:
        return LaunchctlAnswer::already_loaded;
    case 5:
        return LaunchctlAnswer::ambiguous;
    case 119:
        return LaunchctlAnswer::disabled;
    case 112:
    case 125:
        return LaunchctlAnswer::domain_unmanaged;
    case 1:
    case 13:
    case 150:
        return LaunchctlAnswer::not_permitted;
    default:
        return LaunchctlAnswer::failed;
    }
}

Error launchctl_error(const Argv& argv, const sys::CommandOutput& output) {
    const auto answer = launchctl_answer(output.exit_code);
    const auto words = trimmed(output.err);
    return {code_of(answer),
            fmt::format("{} failed with code {}: {}", shell_join(argv), output.exit_code,
                        words.empty() ? "it said nothing" : printable(words)),
            remedy(answer)};
}

LaunchdJob parse_launchd_job(std::string_view printed) {
    LaunchdJob job;
    for (const auto line : lines_of(printed)) {
        // Only the job's own lines: those of its endpoints and environment are indented further.
        if (!line.starts_with('\t') || line.starts_with("\t\t")) {
            continue;
        }
        const auto equals = line.find(" = ");
        if (equals == std::string_view::npos) {
            continue;
        }
        const auto key = line.substr(1, equals - 1);
        const auto value = line.substr(equals + 3);
        const auto number = leading_number<int>(value);
        if (key == "state") {
            job.state = value;
        } else if (key == "pid" && number && *number > 0) {
            job.pid = Pid{*number};
        } else if (key == "last exit code") {
            job.never_exited = value == "(never exited)";
            if (number) {
                job.last_exit = LastExit{number, std::nullopt};
            }
        } else if (key == "last terminating signal") {
            const auto colon = value.rfind(": ");
            const auto signal = colon == std::string_view::npos
                                    ? number
                                    : leading_number<int>(value.substr(colon + 2));
            if (signal) {
                job.last_exit = LastExit{std::nullopt, signal};
            }
        }
    }
    return job;
}

ObservedService observed_job(const LaunchdJob& job) {
    ObservedService seen;
    seen.supervised = true;
    seen.up = job.pid.has_value();
    if (job.pid) {
        seen.process = ProcessIdentity{*job.pid, std::nullopt};
    }
    // A job that was loaded and has not run yet is on its way (RunAtLoad); "SIGTERMed" and
    // "SIGKILLed" are jobs that leave.
    seen.wants_up = job.state == "running" || job.state == "xpcproxy" ||
                    job.state.starts_with("spawn") ||
                    (job.state == "not running" && job.never_exited);
    seen.last_exit = job.last_exit;
    return seen;
}

bool lists_as_disabled(std::string_view printed, std::string_view label) {
    const std::string entry = fmt::format("\"{}\" => ", label);
    const auto at = printed.find(entry);
    if (at == std::string_view::npos) {
        return false;
    }
    const auto word = printed.substr(at + entry.size());
    return word.starts_with("disabled") || word.starts_with("true");
}

} // namespace gw::supervise
