#include "sys/common_lock.hpp"

#include "sys/errno_error.hpp"
#include "sys/file_lock.hpp"

#include <cerrno>
#include <fcntl.h>

namespace gw::sys {

namespace {

/// Above what scripts, supervisors and gateways use by number (a shell takes the numbers below 10,
/// and s6-supervise puts the notification pipe of a service on one of them).
constexpr int lowest_inherited = 60;

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
    return if_under_its_name(try_lock(fd_.get(), LockMode::exclusive));
}

LockAnswer CommonLock::take_in_common() {
    return if_under_its_name(try_lock(fd_.get(), LockMode::shared));
}

LockAnswer CommonLock::wait_alone() {
    return if_under_its_name(wait_for_lock(fd_.get()));
}

void CommonLock::bequeath() {
    if (UniqueFd high(::fcntl(fd_.get(), F_DUPFD, lowest_inherited)); high) {
        fd_ = std::move(high);
    } else {
        (void)::fcntl(fd_.get(), F_SETFD, 0); // few descriptors are allowed: any number will do
    }
}

Result<bool> CommonLock::is_held(const Directory& at, const std::string& name) {
    const UniqueFd fd(
        ::openat(at.fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) {
        return errno == ENOENT ? Result<bool>(false)
                               : fail_errno(errno, "cannot look at " + at.path_of(name));
    }
    switch (look_at_lock(fd.get(), LockMode::exclusive)) {
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

} // namespace gw::sys
