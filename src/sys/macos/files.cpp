#include "sys/component_walk.hpp"
#include "sys/platform.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gw::sys {

namespace {

/// What Linux has flags for is a call of its own here. Another thread may fork(2) between the two:
/// gatewayctl starts programs from one thread only.
bool close_on_exec(int fd) {
    return ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

bool has_mount_flag(int fd, std::uint32_t flag) {
    struct statfs info{};
    return ::fstatfs(fd, &info) == 0 && (info.f_flags & flag) != 0;
}

} // namespace

namespace platform {

/// Unlike O_PATH this needs the right to read, and opens a device; a FIFO does not block.
UniqueFd open_to_look(int at, const char* name) {
    return UniqueFd(::openat(at, name, O_RDONLY | O_SYMLINK | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

int change_owner(int looked_at, std::uint32_t uid, std::uint32_t gid) {
    return ::fchown(looked_at, uid, gid);
}

int change_mode(int looked_at, unsigned mode) {
    return ::fchmod(looked_at, static_cast<mode_t>(mode));
}

int open_beneath(int start, const std::string& relative, int flags) {
    return open_component_by_component(start, relative, {flags, O_RDONLY});
}

int make_fifo(int at, const char* name, unsigned mode) {
    return ::mkfifoat(at, name, static_cast<mode_t>(mode));
}

int rename_new(int at, const char* old_name, const char* new_name) {
    return ::renameatx_np(at, old_name, at, new_name, RENAME_EXCL);
}

timespec modified_at(const struct stat& st) {
    return st.st_mtimespec;
}

timespec changed_at(const struct stat& st) {
    return st.st_ctimespec;
}

int stat_with_birth(int fd, struct stat& st, std::optional<timespec>& birth) {
    const int answer = ::fstat(fd, &st);
    if (answer == 0) {
        birth = st.st_birthtimespec;
    }
    return answer;
}

std::string path_of(int fd) {
    std::array<char, MAXPATHLEN> path{};
    return ::fcntl(fd, F_GETPATH, path.data()) == 0 ? std::string(path.data()) : std::string();
}

bool forbids_execution(int fd) {
    return has_mount_flag(fd, MNT_NOEXEC);
}

/// fsync(2) leaves it to the disk when it writes. Where a file system has no F_FULLFSYNC, fsync(2)
/// is all that there is.
int flush(int fd) {
    return ::fcntl(fd, F_FULLFSYNC) == 0 ? 0 : ::fsync(fd);
}

int flush_file_system(int fd) {
    return flush(fd);
}

/// Such locks are not for programs here; flock(2) is on every volume.
int record_lock(int /*fd*/, RecordCall /*call*/, struct flock& /*lock*/) {
    errno = EOPNOTSUPP;
    return -1;
}

int make_pipe(std::array<int, 2>& ends) {
    if (::pipe(ends.data()) != 0) {
        return -1;
    }
    if (close_on_exec(ends[0]) && close_on_exec(ends[1])) {
        return 0;
    }
    ::close(ends[0]);
    ::close(ends[1]);
    return -1;
}

UniqueFd datagram_socket() {
    UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM, 0));
    return fd && close_on_exec(fd.get()) ? std::move(fd) : UniqueFd();
}

bool fill_with_random(void* bytes, std::size_t size) {
    return ::getentropy(bytes, size) == 0;
}

} // namespace platform

} // namespace gw::sys
