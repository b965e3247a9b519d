/// launchctl(1): what its exit codes mean, and the answer of `launchctl print`. Pure, so that all
/// of it is tested on Linux.
#pragma once

#include "supervise/manager.hpp"

namespace gw::supervise {

/// launchctl exits with the errno or launchd's own number, and its texts change between versions of
/// macOS: only the numbers are looked at (launchctl error NUMBER names each).
enum class LaunchctlAnswer {
    done,             ///< 0
    not_loaded,       ///< 3 (no such process), 113 (could not find specified service)
    in_progress,      ///< 36, 37 (operation in progress): accepted, not done yet
    already_loaded,   ///< 17 (file exists), 133 (service already loaded)
    ambiguous,        ///< 5 (input/output error): loaded already, leaving, disabled or a bad plist
    disabled,         ///< 119 (service is disabled)
    domain_unmanaged, ///< 112 (could not find domain), 125 (domain does not support the action)
    not_permitted,    ///< 1 (operation not permitted), 13, 150 (System Integrity Protection)
    failed,           ///< anything else
};
LaunchctlAnswer launchctl_answer(int exit_code);

/// The failure as a typed error with its way out.
Error launchctl_error(const Argv& argv, const sys::CommandOutput& output);

/// What `launchctl print DOMAIN/LABEL` says of a loaded job.
struct LaunchdJob {
    std::string state; ///< "running", "not running", "spawn scheduled", "SIGTERMed", …
    std::optional<Pid> pid;
    std::optional<LastExit> last_exit;
    bool never_exited = false;
};
LaunchdJob parse_launchd_job(std::string_view printed);

/// Observed state of a loaded job.
ObservedService observed_job(const LaunchdJob& job);

/// Whether `launchctl print-disabled DOMAIN` lists this label as disabled; the word was `true` up
/// to macOS 12 and is `disabled` since.
bool lists_as_disabled(std::string_view printed, std::string_view label);

} // namespace gw::supervise
