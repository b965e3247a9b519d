/// Making a gateway known to the supervisor at run time, and taking it away: what the application's
/// profile hooks call.
#pragma once

#include "base/environment.hpp"
#include "operate/operator.hpp"
#include "rules/service_settings.hpp"

namespace gw::operate {

/// The settings kept with the profile, after it has been given a port and these variables: what a
/// slot, unit or plist is made from.
Result<ServiceSettings> settle_service_settings(const Operator& by, const ProfileName& profile,
                                                const sys::Directory& directory,
                                                const Environment& environment);

/// Gives the profile a port, keeps its settings with `environment` added, makes the slot, down:
/// register is not start. Errc::conflict when it is registered already.
Result<void> register_profile(const Operator& by, const ProfileName& profile,
                              const Environment& environment);

/// Down, verified, unlinked, rescanned, removed; leaves no marker and no lock. Idempotent.
Result<void> unregister_profile(const Operator& by, const ProfileName& profile,
                                const OperationOptions& options);

} // namespace gw::operate
