#include "sys/lock_call.hpp"

#include "sys/refusals.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace gw::sys {

namespace {

LockAnswer answer_of(VolumeOperation operation, int error) {
    const bool held = error == EWOULDBLOCK || error == EINTR ||
                      (operation == VolumeOperation::record_lock && error == EACCES);
    return held                           ? LockAnswer::held
           : is_refusal(operation, error) ? LockAnswer::refused
                                          : LockAnswer::failed;
}

/// The whole file, for the calls of fcntl(2).
struct flock whole_file(short type) {
    struct flock whole{};
    whole.l_type = type;
    whole.l_whence = SEEK_SET;
    return whole;
}

int flock_operation(LockMode mode) {
    return mode == LockMode::exclusive ? LOCK_EX : LOCK_SH;
}

short record_type(LockMode mode) {
    return mode == LockMode::exclusive ? F_WRLCK : F_RDLCK;
}

} // namespace

LockAnswer try_lock(int fd, LockMode mode) {
    if (::flock(fd, flock_operation(mode) | LOCK_NB) == 0) {
        return LockAnswer::taken;
    }
    const auto answer = answer_of(VolumeOperation::lock, errno);
    if (answer != LockAnswer::refused) {
        return answer;
    }
    struct flock whole = whole_file(record_type(mode));
    return ::fcntl(fd, F_OFD_SETLK, &whole) == 0 ? LockAnswer::taken
                                                 : answer_of(VolumeOperation::record_lock, errno);
}

LockAnswer wait_for_lock(int fd) {
    auto answer = LockAnswer::held;
    while (answer == LockAnswer::held) {
        answer =
            ::flock(fd, LOCK_EX) == 0 ? LockAnswer::taken : answer_of(VolumeOperation::lock, errno);
    }
    if (answer != LockAnswer::refused) {
        return answer;
    }
    struct flock whole = whole_file(F_WRLCK);
    do {
        answer = ::fcntl(fd, F_OFD_SETLKW, &whole) == 0
                     ? LockAnswer::taken
                     : answer_of(VolumeOperation::record_lock, errno);
    } while (answer == LockAnswer::held);
    return answer;
}

LockAnswer look_at_lock(int fd, LockMode mode) {
    if (::flock(fd, flock_operation(mode) | LOCK_NB) == 0) {
        (void)::flock(fd, LOCK_UN);
        return LockAnswer::taken;
    }
    const auto answer = answer_of(VolumeOperation::lock, errno);
    if (answer != LockAnswer::refused) {
        return answer;
    }
    struct flock whole = whole_file(record_type(mode));
    if (::fcntl(fd, F_OFD_GETLK, &whole) != 0) {
        return answer_of(VolumeOperation::record_lock, errno);
    }
    return whole.l_type == F_UNLCK ? LockAnswer::taken : LockAnswer::held;
}

} // namespace gw::sys
