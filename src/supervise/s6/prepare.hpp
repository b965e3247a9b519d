/// What only root can do, before the boot pass runs as the gateways' user.
#pragma once

#include "base/account.hpp"
#include "supervise/s6/scandir.hpp"
#include "sys/effects.hpp"

#include <string>

namespace gw::supervise {

/// Makes the scandir and the control FIFO of s6-svscan usable by the gateways' user. Creates the
/// scandir when it is missing. As any other user it only creates what is missing.
/// Only what root alone can swap is touched, along the whole path: once the scandir, or a directory
/// above it, belongs to the user, root leaves it to him.
Result<void> prepare_scandir(sys::Effects& effects, const std::string& scandir,
                             const Account& account);

/// The scandir of a tree of that kind, made where it is missing, and marked as such.
Result<Scandir> make_scandir(sys::Effects& effects, const std::string& path, TreeKind kind);

/// Makes the image's static services queryable and controllable by the user: supervise/ readable,
/// the control FIFO usable. `event/` stays root's: what somebody else puts into it, root's
/// s6-supervise opens for writing. The services of the init itself (s6-linux-init-*, s6rc-*) are
/// left out. Runs as root before `prepare_scandir` gives the scandir away.
Result<void> open_static_services(sys::Effects& effects, const std::string& scandir,
                                  const Account& account);

} // namespace gw::supervise
