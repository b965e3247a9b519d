#include "sys/replacement.hpp"

#include "sys/errno_error.hpp"
#include "sys/lock_call.hpp"
#include "sys/platform.hpp"
#include "sys/refusals.hpp"
#include "sys/write_all.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gw::sys {

namespace {

/// Who a written file belongs to and how it may be used.
struct Target {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    unsigned mode = 0644;
};

Result<Target> target_of(const Directory& at, const std::string& name,
                         const FileAttributes& attributes) {
    const auto old = at.info(name);
    if (!old) {
        return std::unexpected(old.error());
    }
    if (*old && (*old)->kind != EntryKind::file) {
        return fail(Errc::not_permitted,
                    "refusing to replace " + at.path_of(name) + ": it is not a regular file",
                    "ls -l " + at.path_of(name));
    }
    Target target;
    if (*old) {
        constexpr unsigned permissions = 0777; // a set-id bit is nothing to hand on
        target = {(*old)->uid, (*old)->gid, (*old)->mode & permissions};
    } else {
        const auto parent = at.own_info();
        if (!parent) {
            return std::unexpected(parent.error());
        }
        target = {parent->uid, parent->gid, 0644};
    }
    target.mode = attributes.mode.value_or(target.mode);
    return target;
}

/// The errno of a call that returned `answer`; 0 when it succeeded, or when the volume cannot do
/// it.
int unless_refused(VolumeOperation operation, int answer) {
    return answer == 0 || is_refusal(operation, errno) ? 0 : errno;
}

/// Gives an open file its owner and mode. Only root can give a file away; for anybody else the file
/// is his already, and a foreign group is not worth failing for.
int dress(int fd, const Target& target) {
    const int owned = ::geteuid() == 0 ? ::fchown(fd, target.uid, target.gid) : 0;
    if (const int error = unless_refused(VolumeOperation::set_owner, owned); error != 0) {
        return error;
    }
    return unless_refused(VolumeOperation::set_mode,
                          ::fchmod(fd, static_cast<mode_t>(target.mode)));
}

/// Writes the temporary file whole; 0 or errno.
int fill(int fd, std::string_view bytes, const Target& target, Durability durability) {
    if (const int error = write_all(fd, bytes); error != 0) {
        return error;
    }
    if (const int error = dress(fd, target); error != 0) {
        return error;
    }
    return durability == Durability::volatile_
               ? 0
               : unless_refused(VolumeOperation::flush_file, platform::flush(fd));
}

/// False when somebody who cleans up has taken the new file for a leftover: it was not locked yet.
bool is_kept(int fd) {
    struct stat st{};
    return try_lock(fd) != LockAnswer::held && ::fstat(fd, &st) == 0 && st.st_nlink > 0;
}

std::unexpected<Error> cannot_write(int error, const Directory& at, const std::string& name) {
    return fail_errno(error, "cannot write " + at.path_of(name));
}

} // namespace

TemporaryFile make_temporary(const Directory& at, const std::string& name, unsigned mode) {
    constexpr int tries = 16;
    TemporaryFile made;
    for (int i = 0; i < tries; ++i) {
        std::uint64_t number = 0;
        if (!platform::fill_with_random(&number, sizeof number)) {
            break;
        }
        made.name = fmt::format(".{}.tmp-{:016x}", name, number);
        made.fd = UniqueFd(::openat(at.fd(), made.name.c_str(),
                                    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
        if (made.fd ? is_kept(made.fd.get()) : errno != EEXIST) {
            break;
        }
        made.fd.reset();
        errno = EEXIST;
    }
    return made;
}

bool is_temporary_name(std::string_view name) {
    constexpr std::string_view mark = ".tmp-";
    const auto at = name.rfind(mark);
    if (!name.starts_with('.') || at == std::string_view::npos || at < 2) {
        return false;
    }
    const auto number = name.substr(at + mark.size());
    const auto all = [&](std::string_view letters) {
        return number.find_first_not_of(letters) == std::string_view::npos;
    };
    constexpr std::size_t digits = 16;
    // An earlier version named them by pid and counter.
    const bool by_pid = number.find('-') != std::string_view::npos && all("0123456789-");
    return by_pid || (number.size() == digits && all("0123456789abcdef"));
}

Result<void> remove_leftover(const Directory& at, const std::string& name) {
    const UniqueFd fd(
        ::openat(at.fd(), name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) {
        return errno == ENOENT ? Result<void>{}
                               : fail_errno(errno, "cannot open " + at.path_of(name));
    }
    struct stat st{};
    const bool abandoned = is_temporary_name(name) && ::fstat(fd.get(), &st) == 0 &&
                           S_ISREG(st.st_mode) && try_lock(fd.get()) == LockAnswer::taken;
    if (abandoned && ::unlinkat(at.fd(), name.c_str(), 0) != 0 && errno != ENOENT) {
        return fail_errno(errno, "cannot remove " + at.path_of(name));
    }
    return {};
}

Result<void> replace_file(const Directory& at, const std::string& name, std::string_view bytes,
                          Durability durability, const FileAttributes& attributes,
                          const Complain& complain) {
    const auto target = target_of(at, name, attributes);
    if (!target) {
        return std::unexpected(target.error());
    }
    const auto temporary = make_temporary(at, name, target->mode);
    if (!temporary.fd) {
        return cannot_write(errno, at, name);
    }
    int error = fill(temporary.fd.get(), bytes, *target, durability);
    if (error == 0 && attributes.precondition && !attributes.precondition()) {
        error = EEXIST; // Errc::conflict
    }
    if (error == 0 && ::renameat(at.fd(), temporary.name.c_str(), at.fd(), name.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        ::unlinkat(at.fd(), temporary.name.c_str(), 0);
        return cannot_write(error, at, name);
    }
    if (durability == Durability::durable) {
        flush_directory(at, complain);
    }
    return {};
}

void flush_directory(const Directory& at, const Complain& complain) {
    const int error = unless_refused(VolumeOperation::flush_directory, platform::flush(at.fd()));
    if (error != 0 && complain) {
        complain(errno_error(error, "what was written in " + at.path() +
                                        " is there, but a power cut may undo it: cannot flush "
                                        "the directory")
                     .message);
    }
}

} // namespace gw::sys
