/// What this machine, or this container, has to give. Reads only.
#pragma once

#include "base/process.hpp"
#include "rules/checks.hpp"
#include "sys/directory.hpp"

#include <cstdint>
#include <optional>

namespace gw::sys {

/// Whether this is macOS, where launchd starts everything; else it is Linux.
bool is_macos();

/// The file system that it lies on.
Result<FileSystem> file_system_of(const Directory& directory);

/// nullopt where there is no limit, or it is not shown.
struct Limits {
    std::optional<Usage> processes; ///< pids.max of the control group
    std::optional<Usage> memory;    ///< memory.max of the control group
};
/// Of the control group that this process is in; nullopt: the calling one.
Limits limits(std::optional<Pid> of);

/// How many descriptors a process may have open; nullopt: no limit, or it cannot be seen.
std::optional<std::uint64_t> descriptor_limit(Pid of);

} // namespace gw::sys
