/// From what a profile is configured to run to what a supervisor outside a container can run.
#pragma once

#include "rules/host_service.hpp"

namespace gw::supervise {

/// Makes the command's program absolute and fills in this program and PATH. `name` is the caller's.
/// Errc::bad_config when a program is not found in the caller's PATH.
Result<HostService> make_host_service(SlotSpec spec, std::string name);

/// Whether two paths are one home, whatever symlinks lead there.
bool is_same_home(const std::string& one, const std::string& other);

} // namespace gw::supervise
