/// What follows the end of a gateway, whatever the supervisor: the death is recorded, and the death
/// budget decides whether there is a next start.
#pragma once

#include "base/profile_name.hpp"
#include "own/ownership.hpp"
#include "rules/death_budget.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <optional>

namespace gw::operate {

/// Who keeps two starts apart.
enum class Pausing {
    here,          ///< this call waits (s6 starts the next life as soon as finish has ended)
    by_supervisor, ///< systemd's RestartSec, launchd's ThrottleInterval
};

/// How the supervised process ended.
struct ServiceEnd {
    int code = 0;
    std::optional<int> signal{}; ///< set: it ended by this signal and `code` says nothing
    /// Its supervisor had been told to end it, and knows itself what is to follow.
    bool commanded = false;
    std::optional<WallTime> at{}; ///< nullopt: it has just ended
};

/// Whose end it was.
struct EndedGateway {
    const sys::Directory& directory; ///< of the profile
    const ProfileName& profile;
    own::Ownership& volume;
    int death_budget = 0; ///< deaths in a row until it is parked (Settings::death_budget)
};

enum class NextStart { wanted, not_wanted };

/// Records the end with all that the volume tells of it: who ended it, by the strongest evidence.
/// Where another process holds the profile, what lies there is that one's: it tells nothing of this
/// end, and is not touched. Where something cannot be read that may tell who ended it, nothing is
/// recorded: it would be called a crash. The caller has a share in the volume.
Result<Death> record_end(sys::Effects& effects, const sys::Directory& profile,
                         const ServiceEnd& end);

/// Records the death, judges it (rules/death_budget.hpp), and parks the gateway where the verdict
/// says so. Where another member owns the volume nothing is recorded: what ended was refused, or
/// its records are that member's to write; its boot pass starts what is to run. Answers whether the
/// gateway is to be started again. An error means that this death could not be counted: the
/// supervisor's own budget has to end a loop then.
Result<NextStart> after_exit(sys::Effects& effects, const EndedGateway& gateway,
                             const ServiceEnd& end, Pausing pausing);

/// Whether nobody but an operator may start this gateway. If so, it has been said why on the log,
/// with the command that takes it out.
bool stays_parked(const sys::Directory& profile, const ProfileName& name);

} // namespace gw::operate
