#include "sys/file_lock.hpp"

#include "sys/errno_error.hpp"
#include "sys/waiting.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace gw::sys {

bool is_under_its_name(int fd, const Directory& at, const std::string& name) {
    struct stat mine{};
    struct stat found{};
    return ::fstat(fd, &mine) == 0 &&
           ::fstatat(at.fd(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 &&
           mine.st_ino == found.st_ino && mine.st_dev == found.st_dev;
}

Result<FileLock> FileLock::acquire(Effects& effects, const Directory& at, const std::string& name,
                                   std::chrono::milliseconds deadline) {
    auto fd = effects.open_lock(at, name);
    auto answer = LockAnswer::failed;
    int error = 0;
    const bool ended = poll_until(Deadline(deadline), [&] {
        while (fd) {
            answer = try_lock(fd->get());
            error = errno;
            if (answer != LockAnswer::taken || is_under_its_name(fd->get(), at, name)) {
                break;
            }
            fd = effects.open_lock(at, name);
        }
        return !fd || answer != LockAnswer::held;
    });
    if (!fd) {
        return std::unexpected(std::move(fd.error()));
    }
    if (!ended) {
        return fail(Errc::timed_out, "another process holds the lock " + at.path_of(name),
                    "fuser -v " + at.path_of(name));
    }
    if (answer == LockAnswer::failed) {
        return fail_errno(error, "cannot lock " + at.path_of(name));
    }
    return FileLock(std::move(*fd), answer == LockAnswer::taken);
}

Result<bool> is_lock_held(const Directory& at, const std::string& name, LockAnswer (*look)(int)) {
    const UniqueFd fd(
        ::openat(at.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) {
        return errno == ENOENT ? Result<bool>(false)
                               : fail_errno(errno, "cannot look at " + at.path_of(name));
    }
    switch (look(fd.get())) {
    case LockAnswer::taken:
        return false;
    case LockAnswer::held:
        return true;
    case LockAnswer::refused:
        return fail(Errc::unsupported, "the volume of " + at.path_of(name) + " cannot lock");
    case LockAnswer::failed:
        break;
    }
    return fail_errno(errno, "cannot look at the lock " + at.path_of(name));
}

Result<bool> FileLock::is_held(const Directory& at, const std::string& name) {
    return is_lock_held(at, name, look_at_lock);
}

} // namespace gw::sys
