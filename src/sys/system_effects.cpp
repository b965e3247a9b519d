#include "sys/system_effects.hpp"

#include "sys/errno_error.hpp"
#include "sys/guarded_path.hpp"
#include "sys/platform.hpp"
#include "sys/refusals.hpp"
#include "sys/volume_probe.hpp"
#include "sys/write_all.hpp"

#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gw::sys {

namespace {

Result<void> failed(const char* verb, const Directory& at, const std::string& name) {
    return fail_errno(errno, std::string("cannot ") + verb + " " + at.path_of(name));
}

} // namespace

ExactModes::ExactModes() : umask_before_(::umask(0)) {}
ExactModes::~ExactModes() {
    ::umask(static_cast<mode_t>(umask_before_));
}

Result<void> SystemEffects::create_file(const Directory& at, const std::string& name,
                                        std::string_view bytes, unsigned mode) {
    const UniqueFd fd(::openat(at.fd(), name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!fd) {
        return failed("create", at, name);
    }
    errno = write_all(fd.get(), bytes);
    if (errno != 0) {
        return failed("write", at, name);
    }
    return {};
}

Result<void> SystemEffects::replace_file(const Directory& at, const std::string& name,
                                         std::string_view bytes, Durability durability,
                                         const FileAttributes& attributes) {
    return sys::replace_file(at, name, bytes, durability, attributes, complain_);
}

namespace {

/// Opens a file, creating it for the directory's owner if needed. Only one that was made here
/// changes its owner: one that is there may be a hard link that an unprivileged user has made to
/// anything. errno on failure.
UniqueFd open_or_create(const Directory& at, const std::string& name, int flags, unsigned mode) {
    flags |= O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    while (true) {
        UniqueFd made(::openat(at.fd(), name.c_str(), flags | O_CREAT | O_EXCL, mode));
        if (made && ::geteuid() == 0) {
            if (const auto parent = at.own_info()) {
                // Where the volume keeps its owners, the file is good as it is.
                (void)::fchown(made.get(), parent->uid, parent->gid);
            }
        }
        if (made || errno != EEXIST) {
            return made;
        }
        UniqueFd found(::openat(at.fd(), name.c_str(), flags));
        if (found || errno != ENOENT) { // ENOENT: its owner has just removed it
            return found;
        }
    }
}

} // namespace

Result<void> SystemEffects::append_file(const Directory& at, const std::string& name,
                                        std::string_view bytes) {
    const UniqueFd fd = open_or_create(at, name, O_WRONLY | O_APPEND, 0644);
    struct stat st{};
    if (!fd || ::fstat(fd.get(), &st) != 0) {
        return failed("open", at, name);
    }
    errno = S_ISREG(st.st_mode) ? write_all(fd.get(), bytes) : EINVAL;
    if (errno != 0) {
        return failed("append to", at, name);
    }
    return {};
}

Result<UniqueFd> SystemEffects::open_lock(const Directory& at, const std::string& name) {
    UniqueFd fd = open_or_create(at, name, O_RDWR, 0660);
    if (!fd) {
        return fail_errno(errno, "cannot open the lock " + at.path_of(name));
    }
    return fd;
}

Result<void> SystemEffects::remove_leftover(const Directory& at, const std::string& name) {
    return sys::remove_leftover(at, name);
}

Result<void> SystemEffects::remove_file(const Directory& at, const std::string& name) {
    if (::unlinkat(at.fd(), name.c_str(), 0) != 0 && errno != ENOENT) {
        return failed("remove", at, name);
    }
    return {};
}

Result<void> SystemEffects::make_directory(const Directory& at, const std::string& name,
                                           unsigned mode) {
    if (::mkdirat(at.fd(), name.c_str(), mode & 01777U) == 0) {
        // mkdir(2) ignores the set-group-ID bit.
        if ((mode & ~01777U) != 0 &&
            ::fchmodat(at.fd(), name.c_str(), static_cast<mode_t>(mode), 0) != 0 &&
            !is_refusal(VolumeOperation::set_mode, errno)) {
            return failed("set the mode of", at, name);
        }
        return {};
    }
    if (errno != EEXIST) {
        return failed("create directory", at, name);
    }
    const auto existing = at.info(name);
    if (existing && *existing && (*existing)->kind == EntryKind::directory) {
        return {};
    }
    errno = ENOTDIR;
    return failed("create directory", at, name);
}

Result<void> SystemEffects::make_fifo(const Directory& at, const std::string& name, unsigned mode) {
    if (platform::make_fifo(at.fd(), name.c_str(), mode) != 0 && errno != EEXIST) {
        return failed("create FIFO", at, name);
    }
    return {};
}

Result<void> SystemEffects::rename(const Directory& from, const std::string& old_name,
                                   const Directory& to, const std::string& new_name) {
    if (::renameat(from.fd(), old_name.c_str(), to.fd(), new_name.c_str()) != 0) {
        return failed("rename", from, old_name);
    }
    return {};
}

Result<void> SystemEffects::publish(const Directory& at, const std::string& old_name,
                                    const std::string& new_name) {
    if (platform::rename_new(at.fd(), old_name.c_str(), new_name.c_str()) == 0) {
        return {};
    }
    if (is_refusal(VolumeOperation::rename_new, errno)) {
        const auto there = at.info(new_name);
        if (!there) {
            return std::unexpected(there.error());
        }
        // Nobody makes the name meanwhile who takes the directory's lock, and a directory replaces
        // nothing but an empty directory.
        errno = EEXIST;
        if (!*there && ::renameat(at.fd(), old_name.c_str(), at.fd(), new_name.c_str()) == 0) {
            return {};
        }
    }
    return failed("publish", at, new_name);
}

namespace {

/// unlink(2) of something that is no directory, rmdir(2) of an empty one; errno says why not.
bool unlink_or_rmdir(const Directory& at, const std::string& name) {
    if (::unlinkat(at.fd(), name.c_str(), 0) == 0 || errno == ENOENT) {
        return true;
    }
    // EPERM is the answer of POSIX for a directory.
    return (errno == EISDIR || errno == EPERM) &&
           (::unlinkat(at.fd(), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT);
}

bool holds_something(int error) {
    return error == ENOTEMPTY || error == EEXIST;
}

/// Empties a directory whose tree may be of any depth: what is not empty below it moves up into it
/// and is emptied in its turn, so that neither the stack nor the descriptors grow.
class Emptying {
  public:
    explicit Emptying(const Directory& top) : top_(top) {}

    Result<void> run() {
        if (auto begun = take(top_); !begun) {
            return begun;
        }
        while (!waiting_.empty()) {
            const std::string name = std::move(waiting_.back());
            waiting_.pop_back();
            const auto below = top_.find(name);
            if (!below || !*below) {
                return below ? Result<void>{} : std::unexpected(below.error());
            }
            if (auto taken = take(**below); !taken) {
                return taken;
            }
            if (!unlink_or_rmdir(top_, name)) {
                return failed("remove", top_, name);
            }
        }
        return {};
    }

  private:
    /// Removes what can be removed of `from`, and lines up the rest as entries of the top.
    Result<void> take(const Directory& from) {
        const auto entries = from.list();
        if (!entries) {
            return std::unexpected(entries.error());
        }
        for (const auto& entry : *entries) {
            if (unlink_or_rmdir(from, entry.name)) {
                continue;
            }
            if (!holds_something(errno)) {
                return failed("remove", from, entry.name);
            }
            if (&from == &top_) {
                waiting_.push_back(entry.name);
            } else if (auto lifted = lift(from, entry.name); !lifted) {
                return lifted;
            }
        }
        return {};
    }
    Result<void> lift(const Directory& from, const std::string& name) {
        do {
            waiting_.push_back(".lifted-" + std::to_string(++lifted_));
            if (::renameat(from.fd(), name.c_str(), top_.fd(), waiting_.back().c_str()) == 0) {
                return {};
            }
            waiting_.pop_back();
        } while (holds_something(errno));
        return failed("remove", from, name);
    }

    const Directory& top_;
    std::vector<std::string> waiting_;
    unsigned lifted_ = 0;
};

} // namespace

Result<void> SystemEffects::remove_tree(const Directory& at, const std::string& name) {
    if (unlink_or_rmdir(at, name)) {
        return {};
    }
    if (!holds_something(errno)) {
        return failed("remove", at, name);
    }
    const auto top = at.find(name);
    if (!top || !*top) {
        return top ? Result<void>{} : std::unexpected(top.error());
    }
    if (auto emptied = Emptying(**top).run(); !emptied) {
        return emptied;
    }
    return unlink_or_rmdir(at, name) ? Result<void>{} : failed("remove directory", at, name);
}

namespace {

/// A descriptor of the entry itself, opened for nothing but its attributes (so a FIFO's other end
/// notices nothing); errno is ELOOP for a symlink.
UniqueFd open_entry(const Directory& at, const std::string& name) {
    UniqueFd fd = platform::open_to_look(at.fd(), name.c_str());
    struct stat st{};
    if (fd && ::fstat(fd.get(), &st) == 0 && S_ISLNK(st.st_mode)) {
        fd.reset();
        errno = ELOOP;
    }
    return fd;
}

} // namespace

Result<void> SystemEffects::set_owner(const Directory& at, const std::string& name,
                                      std::uint32_t uid, std::uint32_t gid) {
    const UniqueFd fd = open_entry(at, name);
    if (!fd || platform::change_owner(fd.get(), uid, gid) != 0) {
        return failed("set the owner of", at, name);
    }
    return {};
}

Result<void> SystemEffects::set_mode(const Directory& at, const std::string& name, unsigned mode) {
    const UniqueFd fd = open_entry(at, name);
    if (!fd || platform::change_mode(fd.get(), mode) != 0) {
        return failed("set the mode of", at, name);
    }
    return {};
}

Result<void> SystemEffects::make_path(const std::string& path) {
    if (::geteuid() == 0) {
        return make_guarded_path(path);
    }
    boost::system::error_code error;
    boost::filesystem::create_directories(path, error);
    if (error) {
        return fail_errno(error.value(), "cannot create directory " + path);
    }
    return {};
}

void SystemEffects::sync_directory(const Directory& at) {
    flush_directory(at, complain_);
}

Result<std::vector<Incapacity>> SystemEffects::probe_volume(const Directory& at) {
    return sys::probe_volume(at);
}

Result<void> SystemEffects::sync_file_system(const Directory& at) {
    if (platform::flush_file_system(at.fd()) != 0 &&
        !is_refusal(VolumeOperation::flush_file, errno)) {
        return fail_errno(errno, "cannot flush the file system of " + at.path());
    }
    return {};
}

Result<CommandOutput> SystemEffects::run(const Argv& argv, std::chrono::milliseconds deadline) {
    return query(argv, deadline);
}

std::vector<Result<CommandOutput>> SystemEffects::run_all(std::span<const Argv> tools,
                                                          std::chrono::milliseconds deadline) {
    return query_all(tools, deadline);
}

} // namespace gw::sys
