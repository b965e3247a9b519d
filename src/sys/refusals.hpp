/// What a file system may refuse, and what is done instead. Pure.
///
/// Real volumes lack single operations: a network mount, a FAT or CIFS disk, a FUSE file system, a
/// container's seccomp filter. What only strengthens a guarantee is not a condition of the work, so
/// each writer in `sys` asks this one table whether an errno of its operation means "this volume
/// cannot do that", and then goes the other way. Every other errno is a failure.
///
/// | operation                 | the volume cannot                     | instead              |
/// |---------------------------|---------------------------------------|----------------------|
/// | flush a file              | EINVAL ENOSYS EOPNOTSUPP              | the kernel writes it |
/// | flush a directory         | EINVAL ENOSYS EOPNOTSUPP EBADF EISDIR | the file's own flush |
/// | mode of a file just made  | EPERM EINVAL ENOSYS EOPNOTSUPP        | the mount's mode     |
/// | owner of a file just made | EPERM EINVAL ENOSYS EOPNOTSUPP        | the mount's owner    |
/// | flock                     | ENOLCK EINVAL ENOSYS EOPNOTSUPP       | a lock of fcntl      |
/// | a lock of fcntl           | ENOLCK EINVAL ENOSYS EOPNOTSUPP       | no lock (see below)  |
/// | rename without replacing  | EINVAL ENOSYS EOPNOTSUPP EPERM        | a look, then rename  |
/// | make a FIFO               | (none: s6 does not work without)      |                      |
///
/// A lock that nobody can take keeps nobody out: `FileLock::excludes` says so, and who must know
/// whether another process is at work looks at the record that it has left. Hard links are not
/// needed anywhere. EPERM for a rename without replacing is that of a filter for unknown system
/// calls; the plain rename that follows fails in its own words where a permission is missing.
#pragma once

#include <cstddef>
#include <string_view>

namespace gw::sys {

enum class VolumeOperation {
    flush_file,
    flush_directory,
    set_mode,
    set_owner,
    lock,        ///< flock(2)
    record_lock, ///< F_OFD_SETLK of fcntl(2)
    rename_new,  ///< RENAME_NOREPLACE of renameat2(2)
    make_fifo,
};
inline constexpr std::size_t volume_operations = 8;

/// Whether this errno of the operation says that the volume cannot do it, which is no failure.
bool is_refusal(VolumeOperation operation, int error);

/// For people: "flush a directory".
std::string_view to_string(VolumeOperation operation);

/// For people: what a volume that cannot do it costs.
std::string_view consequence_of(VolumeOperation operation);

} // namespace gw::sys
