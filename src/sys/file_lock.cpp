#include "sys/file_lock.hpp"

#include "sys/clock.hpp"
#include "sys/errno_error.hpp"

#include <cerrno>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>

namespace gw::sys {

namespace {

/// Whether the locked file is the one that others find under its name: a holder may remove it.
bool is_still_there(int fd, const Directory& at, const std::string& name) {
    struct stat mine{};
    struct stat found{};
    return ::fstat(fd, &mine) == 0 &&
           ::fstatat(at.fd(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           mine.st_ino == found.st_ino && mine.st_dev == found.st_dev;
}

} // namespace

Result<FileLock> FileLock::acquire(Effects& effects, const Directory& at, const std::string& name,
                                   std::chrono::milliseconds deadline) {
    const Deadline end(deadline);
    auto fd = effects.open_lock(at, name);
    while (fd) {
        if (::flock(fd->get(), LOCK_EX | LOCK_NB) == 0) {
            if (is_still_there(fd->get(), at, name)) {
                return FileLock(std::move(*fd));
            }
            fd = effects.open_lock(at, name);
            continue;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return fail_errno(errno, "cannot lock " + at.path_of(name));
        }
        if (end.passed()) {
            return fail(Errc::timed_out, "another process holds the lock " + at.path_of(name),
                        "fuser -v " + at.path_of(name));
        }
        constexpr std::chrono::milliseconds pause{2};
        std::this_thread::sleep_for(pause);
    }
    return std::unexpected(std::move(fd.error()));
}

} // namespace gw::sys
