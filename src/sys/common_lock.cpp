#include "sys/common_lock.hpp"

#include "sys/errno_error.hpp"
#include "sys/file_lock.hpp"
#include "sys/platform.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace gw::sys {

namespace {

/// Above what scripts, supervisors and gateways use by number (a shell takes the numbers below 10,
/// and s6-supervise puts the notification pipe of a service on one of them).
constexpr int lowest_inherited = 60;

/// One of the two ways to have the lock, as the two system calls name it.
struct Mode {
    short record;
    int flock;
};
constexpr Mode alone{F_WRLCK, LOCK_EX};
constexpr Mode in_common{F_RDLCK, LOCK_SH};

LockAnswer answer_of(int result, VolumeOperation operation) {
    return result == 0 ? LockAnswer::taken : lock_answer(operation, errno);
}

/// The whole file, for the calls of fcntl(2).
struct flock whole_file(Mode mode) {
    struct flock whole{};
    whole.l_type = mode.record;
    whole.l_whence = SEEK_SET;
    return whole;
}

enum class Patience { none, until_free };

LockAnswer ask(int fd, Mode mode, Patience patience) {
    const bool waits = patience == Patience::until_free;
    auto whole = whole_file(mode);
    const auto call = waits ? platform::RecordCall::wait_for : platform::RecordCall::take;
    const auto answer =
        answer_of(platform::record_lock(fd, call, whole), VolumeOperation::record_lock);
    return answer != LockAnswer::refused
               ? answer
               : answer_of(::flock(fd, mode.flock | (waits ? 0 : LOCK_NB)), VolumeOperation::lock);
}

/// Whether somebody else keeps this open file from having it alone.
LockAnswer look(int fd) {
    auto whole = whole_file(alone);
    const auto answer = answer_of(platform::record_lock(fd, platform::RecordCall::look_at, whole),
                                  VolumeOperation::record_lock);
    if (answer == LockAnswer::taken) {
        return whole.l_type == F_UNLCK ? LockAnswer::taken : LockAnswer::held;
    }
    if (answer != LockAnswer::refused) {
        return answer;
    }
    const auto had = answer_of(::flock(fd, alone.flock | LOCK_NB), VolumeOperation::lock);
    if (had == LockAnswer::taken) {
        (void)::flock(fd, LOCK_UN);
    }
    return had;
}

} // namespace

Result<CommonLock> CommonLock::open(Effects& effects, const Directory& at,
                                    const std::string& name) {
    auto fd = effects.open_lock(at, name);
    return fd ? Result<CommonLock>(CommonLock(std::move(*fd), at, name))
              : std::unexpected(std::move(fd.error()));
}

LockAnswer CommonLock::if_under_its_name(LockAnswer answer) {
    const bool elsewhere =
        answer == LockAnswer::taken && !is_under_its_name(fd_.get(), *at_, name_);
    return elsewhere ? LockAnswer::held : answer;
}

LockAnswer CommonLock::take_alone() {
    return if_under_its_name(ask(fd_.get(), alone, Patience::none));
}

LockAnswer CommonLock::take_in_common() {
    return if_under_its_name(ask(fd_.get(), in_common, Patience::none));
}

LockAnswer CommonLock::wait_alone() {
    auto answer = LockAnswer::held;
    while (answer == LockAnswer::held) { // a signal that ended the wait
        answer = ask(fd_.get(), alone, Patience::until_free);
    }
    return if_under_its_name(answer);
}

int CommonLock::bequeath() {
    if (UniqueFd high(::fcntl(fd_.get(), F_DUPFD, lowest_inherited)); high) {
        fd_ = std::move(high);
    } else {
        (void)::fcntl(fd_.get(), F_SETFD, 0); // few descriptors are allowed: any number will do
    }
    return fd_.get();
}

std::optional<CommonLock> CommonLock::inherited(int fd, const Directory& at,
                                                const std::string& name) {
    if (!is_under_its_name(fd, at, name)) {
        return std::nullopt;
    }
    UniqueFd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    return own ? std::optional(CommonLock(std::move(own), at, name)) : std::nullopt;
}

Result<bool> CommonLock::is_held(const Directory& at, const std::string& name) {
    return is_lock_held(at, name, look);
}

} // namespace gw::sys
