/// The systemd backend: one unit per profile, in the system's or the user's systemd.
///
/// Intent and enablement go together: `start` enables, `stop` disables, so that a reboot does what
/// the operator last asked for and `systemctl is-enabled` tells the truth. A bare `systemctl stop`
/// is a planned stop of this life only: the unit stays enabled and comes back at boot, as anybody
/// who knows systemctl expects; likewise a bare `systemctl start` starts a gateway whatever its
/// intent.
#pragma once

#include "rules/settings.hpp"
#include "store/home.hpp"
#include "supervise/host/files.hpp"
#include "supervise/host/systemctl.hpp"
#include "supervise/manager.hpp"

namespace gw::supervise {

/// `home` and `settings` must outlive the manager. Errc::no_manager when there is no systemctl.
Result<std::unique_ptr<ServiceManager>> make_systemd_manager(const store::Home& home,
                                                             const Settings& settings, Scope scope);

/// The unit of a profile as it would be installed: `render`, and drift.
Result<RenderedFile> render_systemd(const store::Home& home, Scope scope, const ServiceSpec& spec);

/// The properties that `observed_unit` is made from.
inline constexpr const char* unit_properties =
    "LoadState,ActiveState,Job,Type,MainPID,ExecMainCode,ExecMainStatus,StateChangeTimestamp,"
    "UnitFileState,TimeoutStopUSec,DropInPaths,NeedDaemonReload";
/// Observed state from the answer of `systemctl show`, apart from what the unit's file says.
ObservedService observed_unit(const Properties& properties);

} // namespace gw::supervise
