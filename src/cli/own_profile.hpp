/// The profile of verbs that a gateway itself uses (`run`, `marker`, `drain`).
#pragma once

#include "cli/globals.hpp"

namespace gw::cli {

/// -p, else GATEWAYCTL_PROFILE (each slot sets it), else the profile whose directory HERMES_HOME
/// names, else `default`.
Result<ProfileName> own_profile(const Globals& globals);

} // namespace gw::cli
