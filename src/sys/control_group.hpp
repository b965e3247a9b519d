/// The kernel's files about a process's control group (cgroups(7)).
#pragma once

#include "base/process.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::sys {

/// One file, in one of the two versions of control groups.
struct GroupFile {
    std::string_view controller; ///< as /proc/self/cgroup names it: "0::", ":memory:"
    std::string root;            ///< where it is mounted
    std::string file;
};

/// What those that are there say of this process (nullopt: of the calling one), in their order.
/// Inside a container the path of a group may be the host's: then the group is the root of the
/// mount, which comes after it.
std::vector<std::string> group_texts(std::span<const GroupFile> files,
                                     std::optional<Pid> of = std::nullopt);

} // namespace gw::sys
