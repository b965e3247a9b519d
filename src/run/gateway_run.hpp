/// `gatewayctl run`: stands in front of any program and gives it the whole contract of a gateway.
///
/// One life: start the command, record `starting`; `running` when it is ready; on a signal, in this
/// order: `.clean_shutdown`, classify (take the marker), `draining`, forward the signal, wait for
/// the drain timeout, then SIGTERM and SIGKILL to what is left of the process tree; the verdict
/// (rules/verdict.hpp), record it, end with its code. A marker that arrives while draining counts;
/// a second signal changes nothing.
#pragma once

#include "base/argv.hpp"
#include "own/ownership.hpp"
#include "rules/time_limits.hpp"
#include "run/fence_guard.hpp"
#include "store/home.hpp"
#include "store/run_lock.hpp"
#include "sys/child.hpp"

#include <functional>
#include <optional>
#include <string>

namespace gw::run {

/// Who starts the gateway again when it asks for it.
enum class Supervision { none, supervised };

/// A command that does not tell that it is ready counts as ready after it has stayed up this long:
/// long enough for a program that fails on its arguments or its port to be gone, short enough not
/// to make `start` slow.
inline constexpr milliseconds default_ready_after{1000};

/// After the drain timeout everything that is left gets SIGTERM, and this much later SIGKILL.
/// It is far below the 30 s that the supervisor's own limit leaves (kill_timeout).
inline constexpr milliseconds leftover_grace{2000};

/// Two starts in place are at least this far apart, as with s6-supervise.
inline constexpr milliseconds restart_pause{1000};

struct RunOptions {
    Argv command;
    store::Replace replace = store::Replace::never;
    Supervision supervision = Supervision::none;
    /// nullopt: only the command's own word counts.
    std::optional<milliseconds> ready_after = default_ready_after;
    std::optional<int> notification_fd;       ///< of s6
    std::optional<std::string> notify_socket; ///< of systemd
    /// HOME of the command, where it is not that of this process.
    std::optional<std::string> home_variable;
    /// Asked when a stop comes without a marker before the command was ready, which is when systemd
    /// runs no ExecStop: does the supervisor itself say that somebody asked for this stop?
    std::function<bool()> stop_was_asked;
    /// Asked when the command runs already, because it reads the configuration file.
    std::function<seconds()> drain_timeout;
    /// In a member of a fleet.
    std::optional<FencePost> fence;
};

/// Runs the command to its last end; answers with the exit code. Until then it has a share in the
/// volume, and so has the command. When another member owns the volume, or another gateway holds
/// the profile: an error, or, under a supervisor, the code of a restart, which no supervisor counts
/// as a failure; nothing has been written then. Where a fence stands around the gateway and is not
/// open, it waits before all that under a supervisor, and is an error without one. `signals` is
/// opened before anything else is done: a message to a closed pipe would end this process before it
/// has them.
Result<int> run_gateway(sys::Effects& effects, sys::SignalEvents& signals, own::Ownership& volume,
                        const sys::Directory& profile, const RunOptions& options);

} // namespace gw::run
