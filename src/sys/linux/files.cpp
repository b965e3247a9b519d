#include "sys/component_walk.hpp"
#include "sys/platform.hpp"

#include <atomic>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <cstdio>
#include <linux/openat2.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace gw::sys {

namespace {

/// The entry of /proc that stands for an open descriptor.
std::string link_of(int fd) {
    return "/proc/self/fd/" + std::to_string(fd);
}

/// False as soon as openat2 turned out not to be there (Linux below 5.6, or a seccomp filter).
std::atomic<bool> openat2_works{true};

} // namespace

namespace platform {

int open_beneath(int start, const std::string& relative, int flags) {
    if (openat2_works) {
        open_how how{};
        how.flags = static_cast<unsigned>(flags);
        how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
        const long fd = ::syscall(SYS_openat2, start, relative.c_str(), &how, sizeof how);
        if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) {
            return static_cast<int>(fd);
        }
        openat2_works = false;
    }
    return open_component_by_component(start, relative, {flags, O_PATH});
}

UniqueFd open_to_look(int at, const char* name) {
    return UniqueFd(::openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

int change_owner(int looked_at, std::uint32_t uid, std::uint32_t gid) {
    return ::fchownat(looked_at, "", uid, gid, AT_EMPTY_PATH);
}

int change_mode(int looked_at, unsigned mode) {
    // fchmod(2) refuses O_PATH descriptors; their entry in /proc is the documented way round.
    return ::chmod(link_of(looked_at).c_str(), mode);
}

int make_fifo(int at, const char* name, unsigned mode) {
    return ::mkfifoat(at, name, mode);
}

int rename_new(int at, const char* old_name, const char* new_name) {
    return ::renameat2(at, old_name, at, new_name, RENAME_NOREPLACE);
}

timespec modified_at(const struct stat& st) {
    return st.st_mtim;
}

timespec changed_at(const struct stat& st) {
    return st.st_ctim;
}

int stat_with_birth(int fd, struct stat& st, std::optional<timespec>& birth) {
    struct statx told{};
    if (::statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &told) != 0) {
        return ::fstat(fd, &st);
    }
    const auto time_of = [](const struct statx_timestamp& stamp) {
        return timespec{static_cast<time_t>(stamp.tv_sec), stamp.tv_nsec};
    };
    st.st_mode = told.stx_mode;
    st.st_uid = told.stx_uid;
    st.st_gid = told.stx_gid;
    st.st_size = static_cast<off_t>(told.stx_size);
    st.st_mtim = time_of(told.stx_mtime);
    st.st_ctim = time_of(told.stx_ctime);
    st.st_dev = ::makedev(told.stx_dev_major, told.stx_dev_minor);
    st.st_ino = told.stx_ino;
    if ((told.stx_mask & STATX_BTIME) != 0) {
        birth = time_of(told.stx_btime);
    }
    return 0;
}

std::string path_of(int fd) {
    boost::system::error_code error;
    const auto path = boost::filesystem::read_symlink(link_of(fd), error);
    return error ? std::string() : path.string();
}

bool forbids_execution(int fd) {
    struct statvfs info{};
    return ::fstatvfs(fd, &info) == 0 && (info.f_flag & ST_NOEXEC) != 0;
}

int flush(int fd) {
    return ::fsync(fd);
}

int flush_file_system(int fd) {
    return ::syncfs(fd);
}

int record_lock(int fd, RecordCall call, struct flock& lock) {
    const int command = call == RecordCall::take       ? F_OFD_SETLK
                        : call == RecordCall::wait_for ? F_OFD_SETLKW
                                                       : F_OFD_GETLK;
    return ::fcntl(fd, command, &lock);
}

int make_pipe(std::array<int, 2>& ends) {
    return ::pipe2(ends.data(), O_CLOEXEC);
}

UniqueFd datagram_socket() {
    return UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

bool fill_with_random(void* bytes, std::size_t size) {
    return std::cmp_equal(::getrandom(bytes, size, 0), size);
}

} // namespace platform

} // namespace gw::sys
