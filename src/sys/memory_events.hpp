/// Evidence of memory pressure from the kernel: how often it killed in our cgroup.
#pragma once

#include <cstdint>
#include <optional>

namespace gw::sys {

/// The `oom_kill` counter of this process's cgroup: `memory.events` (cgroup v2) or
/// `memory.oom_control` (v1). nullopt where the kernel does not show one.
std::optional<std::uint64_t> oom_kills();

} // namespace gw::sys
