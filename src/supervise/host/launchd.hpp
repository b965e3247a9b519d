/// The launchd backend: one plist per profile in the user's LaunchAgents.
///
/// `stop` disables the label and boots the job out, `start` enables it and brings it back: launchd
/// loads every plist that is not disabled at login, so this is what makes a stop outlive a reboot.
/// `restart` leaves the job loaded throughout (field reports #28632, #95758: a job unloaded for
/// good).
#pragma once

#include "rules/settings.hpp"
#include "store/home.hpp"
#include "supervise/manager.hpp"

namespace gw::supervise {

/// `home` and `settings` must outlive the manager. Errc::no_manager when there is no launchctl, or
/// when neither the gui nor the user domain can be managed.
Result<std::unique_ptr<ServiceManager>> make_launchd_manager(const store::Home& home,
                                                             const Settings& settings);

} // namespace gw::supervise
