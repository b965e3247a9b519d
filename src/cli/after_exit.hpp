/// What follows the end of a gateway, whatever the supervisor: the death is recorded, and the death
/// budget decides whether there is a next start.
#pragma once

#include "cli/globals.hpp"

#include <optional>

namespace gw::cli {

/// Who keeps two starts apart.
enum class Pausing {
    here,          ///< this call waits (s6 starts the next life as soon as finish has ended)
    by_supervisor, ///< systemd's RestartSec, launchd's ThrottleInterval
};

/// How the supervised process ended.
struct ExitWords {
    int code = 0;
    std::optional<int> signal; ///< set: it ended by this signal and `code` says nothing
};

/// Whether the gateway is to be started again. An error means that this death could not be counted:
/// the supervisor's own budget has to end a loop then.
enum class NextStart { wanted, not_wanted };
Result<NextStart> after_exit(const Globals& globals, const ExitWords& words, Pausing pausing);

} // namespace gw::cli
