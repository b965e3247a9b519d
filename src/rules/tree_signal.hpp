/// What each signal means to a process that stands in front of a supervision tree. Pure.
#pragma once

namespace gw {

enum class TreeSignal {
    stop,   ///< the tree is taken down, once
    rescan, ///< SIGHUP, as s6-svscan takes it
    child,  ///< something below has ended
    none,
};

/// A container is stopped by SIGTERM (docker, Kubernetes), SIGINT (a terminal), SIGPWR (LXC) or
/// SIGRTMIN+3 (podman, systemd-nspawn).
TreeSignal tree_signal(int number);

} // namespace gw
