/// What a profile's slot, unit or plist would be. Reads only.
#pragma once

#include "rules/settings.hpp"
#include "rules/slot_files.hpp"
#include "store/home.hpp"
#include "supervise/manager.hpp"

#include <vector>

namespace gw::inspect {

/// The files of a slot, or the one unit or plist with its absolute path, of a gateway that is meant
/// to run. Errc::no_profile when there is no such profile, Errc::usage for an unknown scope.
Result<std::vector<SlotFile>> render_service(supervise::ManagerKind kind, const store::Home& home,
                                             const Settings& settings, const ProfileName& profile);

} // namespace gw::inspect
