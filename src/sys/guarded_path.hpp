/// Paths that somebody named (HERMES_HOME, the scandir), opened by root.
///
/// A directory on the way may belong to the gateways' user, who can put a symlink to anything
/// there. So root follows a symlink only where nobody else could have put it, and knows of every
/// path whether somebody else could have put something else in its place.
#pragma once

#include "base/error.hpp"
#include "sys/unique_fd.hpp"

#include <string>

namespace gw::sys {

struct GuardedPath {
    UniqueFd fd; ///< O_PATH: nothing has been opened for reading yet
    /// Only root can put something else under this path: every directory on the way is root's and
    /// writable to nobody else, or sticky (as /tmp) with an entry of root's.
    bool only_root_can_swap = true;
};

/// Walks an absolute path component by component. A symlink is followed where only root can have
/// put it; elsewhere Errc::not_permitted. Missing is Errc::not_found. `..` is resolved in the text
/// first, as `absolute_path` does.
Result<GuardedPath> walk_guarded(const std::string& path);

/// Creates the directories that are missing at the end of the path, with mode 0755. Only where root
/// alone can swap what is there; elsewhere Errc::not_permitted and nothing is made.
Result<void> make_guarded_path(const std::string& path);

} // namespace gw::sys
