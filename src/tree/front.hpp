/// What stands in front of a tree's s6-svscan where no init does: as PID 1 of a container, below a
/// bare init such as tini, as a unit of systemd, in a terminal.
#pragma once

#include "base/argv.hpp"
#include "base/error.hpp"
#include "rules/time_limits.hpp"
#include "sys/child.hpp"

#include <functional>
#include <optional>
#include <string>

namespace gw::tree {

struct Front {
    /// Makes the command of an s6-svscan: before the first one, and again after one was killed.
    std::function<Result<Argv>()> prepare;
    int ready_fd = 0;                      ///< where that one says that it listens
    std::optional<std::string> supervisor; ///< NOTIFY_SOCKET: is told when it does
    seconds kill_timeout{0};               ///< how long the tree may take to end
};

/// Starts the tree, reaps every orphan below, takes the tree down once on a signal that stops a
/// container (`rules/tree_signal.hpp`), and starts it again when its s6-svscan was killed. Returns
/// when the tree has ended because it was told to; an error when it cannot be started, or did not
/// end in time.
Result<void> stand_before_tree(sys::SignalEvents& signals, const Front& front);

} // namespace gw::tree
