/// openat(2) along a path, one component after the other: where the kernel does not do that itself.
#pragma once

#include <string>

namespace gw::sys {

/// How the parts of a path are opened.
struct WalkFlags {
    int last; ///< what is at its end, as openat(2) takes them
    int way;  ///< the directories before it: O_PATH, or O_RDONLY where there is none
};

/// Leaves the directory by no `..`, and follows no symlink anywhere in the path. A descriptor, or
/// -1 and errno.
int open_component_by_component(int start, const std::string& relative, WalkFlags flags);

} // namespace gw::sys
