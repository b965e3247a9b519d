/// The lock of an open file, by whichever call the volume knows.
#pragma once

namespace gw::sys {

enum class LockAnswer {
    taken,
    held,    ///< by another open file
    refused, ///< the volume cannot lock: nobody has a lock there, and nobody can
    failed,  ///< errno says why
};

enum class LockMode {
    exclusive,
    shared, ///< any number of open files may have it, while none has the exclusive one
};

/// Asks once for the lock: flock(2), or, where the volume refuses that, an open file
/// description lock of fcntl(2). Both belong to the open file, and the kernel gives them back when
/// its last descriptor is closed. One volume answers all processes alike, so they use the same one.
/// An open file that has it in the other mode changes over, in one step (Linux 4.1, for flock).
LockAnswer try_lock(int fd, LockMode mode = LockMode::exclusive);

/// Waits for the exclusive lock, without a limit: never `held`. A signal with the default action
/// ends the process meanwhile.
LockAnswer wait_for_lock(int fd);

/// Whether another open file keeps this one from having the lock in that mode: `held`, or `taken`
/// when it could be had. Nothing is kept; it is held for a moment. The file may be open for reading
/// only.
LockAnswer look_at_lock(int fd, LockMode mode = LockMode::shared);

} // namespace gw::sys
