#include "sys/machine.hpp"

#include "sys/errno_error.hpp"

#include <cerrno>
#include <sys/mount.h>
#include <sys/param.h>

namespace gw::sys {

bool is_macos() {
    return true;
}

Result<FileSystem> file_system_of(const Directory& directory) {
    struct statfs info{};
    if (::fstatfs(directory.fd(), &info) != 0) {
        return fail_errno(errno, "cannot look at the file system of " + directory.path());
    }
    FileSystem found;
    found.type = static_cast<const char*>(info.f_fstypename);
    found.network = (info.f_flags & MNT_LOCAL) == 0;
    found.read_only = (info.f_flags & MNT_RDONLY) != 0;
    found.bytes = info.f_blocks * info.f_bsize;
    found.bytes_free = info.f_bavail * info.f_bsize;
    found.files = info.f_files;
    found.files_free = info.f_ffree;
    return found;
}

/// There are no control groups.
Limits limits(std::optional<Pid> /*of*/) {
    return {};
}

/// Of another process it cannot be seen.
std::optional<std::uint64_t> descriptor_limit(Pid /*of*/) {
    return std::nullopt;
}

} // namespace gw::sys
