/// Under which supervisor `gatewayctl run` runs, told by what each one puts into the environment,
/// and what `run` does there in the supervisor's place.
#pragma once

#include "operate/after_exit.hpp"
#include "rules/settings.hpp"
#include "run/gateway_run.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace gw::run {

/// Fills in what the supervisor of this process expects: who starts the gateway again, where the
/// news of its readiness goes, and whom to ask whether a stop was asked for. A `notification_fd`
/// that is set stays.
void fit_to_supervisor(const EnvironmentLookup& environment, RunOptions& options);

/// Milliseconds until a silent command counts as ready; nullopt for `notify`: only its own word
/// counts. Errc::usage for anything else.
Result<std::optional<milliseconds>> parse_ready_after(std::string_view text);

/// What to end with where the gateway must not be started now: a parked one, which launchd starts
/// without asking anybody, and s6-supervise where the slot's `finish` was killed before it could
/// say so. It has been said why on the log.
std::optional<int> code_of_parked(const EnvironmentLookup& environment,
                                  const sys::Directory& profile, const ProfileName& name);

/// A gateway that has ended.
struct EndedRun {
    const sys::Directory& directory; ///< of the profile
    const ProfileName& profile;
    own::Ownership& volume;
    int code = 0; ///< as `run_gateway` answers
    /// As in operate::EndedGateway; asked only where it is needed, because it lies in the
    /// configuration file.
    std::function<int()> death_budget;
};

/// The exit code by which the supervisor understands this end. launchd runs nothing after the end
/// of a job, and ends it for good with code 0 alone: there `run` itself counts the death.
int code_for_supervisor(sys::Effects& effects, const EnvironmentLookup& environment,
                        const EndedRun& ended);

} // namespace gw::run
