#include "sys/lock_call.hpp"

#include "sys/platform.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace gw::sys {

LockAnswer lock_answer(VolumeOperation operation, int error) {
    const bool held = error == EWOULDBLOCK || error == EINTR ||
                      (operation == VolumeOperation::record_lock && error == EACCES);
    return held                           ? LockAnswer::held
           : is_refusal(operation, error) ? LockAnswer::refused
                                          : LockAnswer::failed;
}

namespace {

/// The whole file, for the calls of fcntl(2).
struct flock whole_file(short type) {
    struct flock whole{};
    whole.l_type = type;
    whole.l_whence = SEEK_SET;
    return whole;
}

} // namespace

LockAnswer try_lock(int fd) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return LockAnswer::taken;
    }
    const auto answer = lock_answer(VolumeOperation::lock, errno);
    if (answer != LockAnswer::refused) {
        return answer;
    }
    struct flock whole = whole_file(F_WRLCK);
    return platform::record_lock(fd, platform::RecordCall::take, whole) == 0
               ? LockAnswer::taken
               : lock_answer(VolumeOperation::record_lock, errno);
}

LockAnswer look_at_lock(int fd) {
    if (::flock(fd, LOCK_SH | LOCK_NB) == 0) {
        (void)::flock(fd, LOCK_UN);
        return LockAnswer::taken;
    }
    const auto answer = lock_answer(VolumeOperation::lock, errno);
    if (answer != LockAnswer::refused) {
        return answer;
    }
    struct flock whole = whole_file(F_RDLCK);
    if (platform::record_lock(fd, platform::RecordCall::look_at, whole) != 0) {
        return lock_answer(VolumeOperation::record_lock, errno);
    }
    return whole.l_type == F_UNLCK ? LockAnswer::taken : LockAnswer::held;
}

} // namespace gw::sys
