/// What this machine, or this container, has to give. Reads only.
#pragma once

#include "rules/checks.hpp"
#include "sys/directory.hpp"

#include <cstdint>
#include <optional>

namespace gw::sys {

/// The file system that it lies on.
Result<FileSystem> file_system_of(const Directory& directory);

/// nullopt where there is no limit, or it is not shown.
struct Limits {
    std::optional<Usage> processes; ///< pids.max of the control group
    std::optional<Usage> memory;    ///< memory.max of the control group
    std::uint64_t descriptors = 0;  ///< that a process may have open
};
Limits limits();

} // namespace gw::sys
