/// The lock of an open file, by whichever call the volume knows.
#pragma once

#include "sys/refusals.hpp"

namespace gw::sys {

enum class LockAnswer {
    taken,
    held,    ///< by another open file
    refused, ///< the volume cannot lock: nobody has a lock there, and nobody can
    failed,  ///< errno says why
};

/// What a lock call that has failed with this errno has answered.
LockAnswer lock_answer(VolumeOperation operation, int error);

/// Asks once for the exclusive lock: flock(2), or, where the volume refuses that, an open file
/// description lock of fcntl(2). Both belong to the open file, and the kernel gives them back when
/// its last descriptor is closed. One volume answers all processes alike, so they use the same one.
LockAnswer try_lock(int fd);

/// Whether another open file has that lock: `held`, or `taken` when it could be had. Nothing is
/// kept; a shared lock is held for a moment. The file may be open for reading only.
LockAnswer look_at_lock(int fd);

} // namespace gw::sys
