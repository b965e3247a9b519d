/// `install` and `uninstall`: a gateway's systemd unit or launchd plist.
#pragma once

#include "operate/operator.hpp"
#include "rules/host_service.hpp"

namespace gw::operate {

/// Makes the unit or plist of a profile, or repairs it where it has drifted, and says on the log
/// when a running gateway has yet to be restarted for it to count. Errc::unsupported under s6,
/// where the boot hook makes a slot for every profile; Errc::bad_config for a home that must not
/// become a service unless `exceptions` allow it (rules/host_service.hpp).
Result<void> install(const Operator& by, const ProfileName& profile,
                     const InstallExceptions& exceptions);

/// Stops the gateway and removes its unit or plist; profile and intent stay. Errc::unsupported
/// under s6.
Result<void> uninstall(const Operator& by, const ProfileName& profile);

/// Starts one gateway and waits until it is up, with the limits of rules/time_limits.hpp.
Result<void> start_and_wait(const Operator& by, const ProfileName& profile);

} // namespace gw::operate
