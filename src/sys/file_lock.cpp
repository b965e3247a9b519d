#include "sys/file_lock.hpp"

#include "sys/clock.hpp"
#include "sys/errno_error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace gw::sys {

Result<FileLock> FileLock::acquire(const Directory& at, const std::string& name,
                                   std::chrono::milliseconds deadline) {
    UniqueFd fd(::openat(at.fd(), name.c_str(),
                         O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0660));
    if (!fd) {
        return fail_errno(errno, "cannot open the lock " + at.path_of(name));
    }
    if (::geteuid() == 0) {
        if (const auto parent = at.own_info()) {
            // Root must not leave a lock that the directory's owner cannot take.
            (void)::fchown(fd.get(), parent->uid, parent->gid);
        }
    }
    const Deadline end(deadline);
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
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
    return FileLock(std::move(fd));
}

} // namespace gw::sys
