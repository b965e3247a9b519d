/// The kernel's table of processes, as sysctl(3) shows it.
#pragma once

#include "base/process.hpp"

#include <optional>
#include <sys/sysctl.h>

namespace gw::sys {

/// nullopt when there is no such process (ESRCH), or errno says why not.
std::optional<kinfo_proc> process_entry(Pid pid);

} // namespace gw::sys
