/// The system calls of src/sys, answered by the simulated machine.
///
/// The linker leads every call of the program's own objects here (`--wrap`); what does not come
/// from a process of the simulation goes on to the real call. So all of src/sys that is files,
/// locks, replacement and /proc is under test as well, not only what stands on it.
#include "calls.hpp"

#include "world.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace gw::simulation {

namespace {

constexpr dev_t volume_device = 0x801;
constexpr dev_t memory_device = 0x17;

int failed(int error) {
    errno = error;
    return -1;
}

/// Answers as flock(2) and fcntl(2) do to who does not wait.
int take(Locks& locks, OpenFile* file, Hold how) {
    return locks.take(file, how) ? 0 : failed(EWOULDBLOCK);
}

OpenFilePtr file_of(const Process& process, int fd) {
    const auto found = process.descriptors.find(fd);
    return found == process.descriptors.end() ? nullptr : found->second.first;
}

/// The directory and the last name of a path.
struct Place {
    InodePtr directory;
    std::string name;
};

Place place_of(const Process& process, int at, std::string_view path) {
    auto* world = the_world();
    const auto slash = path.rfind('/');
    const auto parent =
        slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    const auto name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    InodePtr from = process.working_directory;
    if (path.starts_with('/')) {
        from = world->files.root();
    } else if (at != AT_FDCWD) {
        const auto file = file_of(process, at);
        from = file ? file->node : nullptr;
    }
    return {from ? Files::find(from, parent) : nullptr, std::string(name)};
}

InodePtr found_at(const Place& place) {
    return !place.directory                          ? nullptr
           : place.name.empty() || place.name == "." ? place.directory
                                                     : Files::find(place.directory, place.name);
}

void tell_of(const Inode& inode, struct stat& st) {
    st = {};
    st.st_dev = inode.on_volume ? volume_device : memory_device;
    st.st_ino = inode.number;
    st.st_nlink = static_cast<nlink_t>(inode.links);
    const mode_t kind = inode.kind == Inode::Kind::directory ? S_IFDIR
                        : inode.kind == Inode::Kind::fifo    ? S_IFIFO
                                                             : S_IFREG;
    st.st_mode = kind | inode.mode;
    st.st_uid = user;
    st.st_gid = user;
    st.st_size = static_cast<off_t>(inode.bytes.size());
    const auto wall = inode.changed;
    st.st_mtim = {wall / 1'000'000, wall % 1'000'000 * 1000};
    st.st_ctim = st.st_mtim;
}

void tell_of(const OpenFile& file, struct stat& st) {
    if (file.node) {
        return tell_of(*file.node, st);
    }
    st = {};
    st.st_dev = 0x5;
    st.st_ino = std::hash<std::string>()(file.text);
    st.st_nlink = 1;
    st.st_mode = file.type == FileType::proc && (file.flags & O_DIRECTORY) != 0 ? S_IFDIR | 0555U
                                                                                : S_IFREG | 0444U;
    st.st_uid = user;
    st.st_gid = user;
}

int open_node(Process& process, const InodePtr& node, int flags) {
    auto* world = the_world();
    if ((flags & O_DIRECTORY) != 0 && node->kind != Inode::Kind::directory) {
        return failed(ENOTDIR);
    }
    if (node->kind == Inode::Kind::fifo && (flags & (O_WRONLY | O_PATH)) == O_WRONLY &&
        node->readers == 0) {
        return failed(ENXIO);
    }
    (void)world;
    auto file = std::make_shared<OpenFile>(node, flags);
    return add_descriptor(process, std::move(file), 3, (flags & O_CLOEXEC) != 0);
}

int open_path(Process& process, int at, const char* path, int flags, unsigned mode,
              Call call = Call::may_throw) {
    auto* world = the_world();
    if (!world->point(call)) {
        return failed(EIO);
    }
    const auto from = at == AT_FDCWD || *path == '/' ? nullptr : file_of(process, at);
    const std::string below_proc =
        from && from->type == FileType::proc ? from->text + "/" + path : path;
    if (below_proc == "/proc" || below_proc.starts_with("/proc/")) {
        return open_proc(process, below_proc, flags);
    }
    const auto place = place_of(process, at, path);
    auto node = found_at(place);
    if (node && (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
        return failed(EEXIST);
    }
    if (!node && (flags & O_CREAT) != 0 && place.directory && place.directory->links > 0) {
        node =
            world->files.make(place.directory, place.name, Inode::Kind::file, mode, world->wall());
        if (place.directory->on_volume) {
            world->tell(fmt::format("{} creates {}/{}", process.what,
                                    Files::path_of(*place.directory), place.name));
        }
    }
    if (!node) {
        return failed(ENOENT);
    }
    return open_node(process, node, flags);
}

/// A directory that is being read.
struct Listing {
    std::vector<std::pair<std::string, unsigned char>> entries;
    std::size_t next = 0;
    dirent entry{};
};
std::map<DIR*, std::unique_ptr<Listing>>& listings() {
    static std::map<DIR*, std::unique_ptr<Listing>> all;
    return all;
}

} // namespace

int add_descriptor(Process& process, OpenFilePtr file, int from, bool closed_on_exec) {
    int number = from;
    while (process.descriptors.contains(number)) {
        ++number;
    }
    process.descriptors.emplace(number, std::pair(std::move(file), closed_on_exec));
    return number;
}

OpenFilePtr open_file_of(const Process& process, int fd) {
    return file_of(process, fd);
}

} // namespace gw::simulation

using namespace gw::simulation; // NOLINT: what follows has the names of the C library

// NOLINTBEGIN(bugprone-reserved-identifier, cert-dcl37-c, cert-dcl51-cpp,
// readability-identifier-naming)
extern "C" {

#define REAL(result, name, ...) result __real_##name(__VA_ARGS__)
REAL(int, open64, const char*, int, ...);
REAL(int, openat64, int, const char*, int, ...);
REAL(int, close, int);
REAL(ssize_t, read, int, void*, size_t);
REAL(ssize_t, write, int, const void*, size_t);
REAL(int, fstat64, int, struct stat*);
REAL(int, stat64, const char*, struct stat*);
REAL(int, fstatat64, int, const char*, struct stat*, int);

int __wrap_openat64(int at, const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    auto* process = caller();
    return process == nullptr ? __real_openat64(at, path, flags, mode)
                              : open_path(*process, at, path, flags, mode);
}

int __wrap_open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const unsigned mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    auto* process = caller();
    return process == nullptr ? __real_open64(path, flags, mode)
                              : open_path(*process, AT_FDCWD, path, flags, mode);
}

int __wrap_close(int fd) {
    auto* process = caller();
    if (process == nullptr) {
        return __real_close(fd);
    }
    process->descriptors.erase(fd);
    return 0;
}

ssize_t __wrap_read(int fd, void* buffer, size_t size) {
    auto* process = caller();
    if (process == nullptr) {
        return __real_read(fd, buffer, size);
    }
    const auto file = file_of(*process, fd);
    if (!file) {
        return failed(EBADF);
    }
    the_world()->point();
    const auto& bytes = file->node ? file->node->bytes : file->text;
    const auto begin = std::min(file->at, bytes.size());
    const auto count = std::min(size, bytes.size() - begin);
    std::memcpy(buffer, bytes.data() + begin, count);
    file->at = begin + count;
    return static_cast<ssize_t>(count);
}

ssize_t __wrap_write(int fd, const void* buffer, size_t size) {
    auto* process = caller();
    if (process == nullptr) {
        return __real_write(fd, buffer, size);
    }
    const auto file = file_of(*process, fd);
    if (!file || !file->node) {
        return failed(EBADF);
    }
    the_world()->point();
    auto& bytes = file->node->bytes;
    const auto begin = (file->flags & O_APPEND) != 0 ? bytes.size() : file->at;
    bytes.resize(std::max(bytes.size(), begin + size));
    std::memcpy(bytes.data() + begin, buffer, size);
    file->at = begin + size;
    file->node->changed = the_world()->wall();
    return static_cast<ssize_t>(size);
}

off_t __wrap_lseek64(int fd, off_t offset, int /*whence*/) {
    if (auto* process = caller()) {
        if (const auto file = file_of(*process, fd)) {
            file->at = static_cast<std::size_t>(offset);
        }
    }
    return offset;
}

int __wrap_fstat64(int fd, struct stat* st) {
    auto* process = caller();
    if (process == nullptr) {
        return __real_fstat64(fd, st);
    }
    const auto file = file_of(*process, fd);
    if (!file) {
        return failed(EBADF);
    }
    tell_of(*file, *st);
    return 0;
}

int __wrap_fstatat64(int at, const char* path, struct stat* st, int flags) {
    auto* process = caller();
    if (process == nullptr) {
        return __real_fstatat64(at, path, st, flags);
    }
    if (!the_world()->point(Call::throws_nothing)) {
        return failed(EIO);
    }
    const auto node = found_at(place_of(*process, at, path));
    if (!node) {
        return failed(ENOENT);
    }
    tell_of(*node, *st);
    return 0;
}

int __wrap_stat64(const char* path, struct stat* st) {
    return caller() == nullptr ? __real_stat64(path, st) : __wrap_fstatat64(AT_FDCWD, path, st, 0);
}

int __wrap_lstat64(const char* path, struct stat* st) {
    return __wrap_stat64(path, st);
}

int __wrap_statx(int at, const char* path, int flags, unsigned /*mask*/, struct statx* told) {
    struct stat st{};
    const bool of_file = *path == '\0' && (flags & AT_EMPTY_PATH) != 0;
    if ((of_file ? __wrap_fstat64(at, &st) : __wrap_fstatat64(at, path, &st, flags)) != 0) {
        return -1;
    }
    *told = {};
    told->stx_mask = STATX_BASIC_STATS;
    told->stx_mode = static_cast<std::uint16_t>(st.st_mode);
    told->stx_uid = st.st_uid;
    told->stx_gid = st.st_gid;
    told->stx_size = static_cast<std::uint64_t>(st.st_size);
    told->stx_mtime.tv_sec = st.st_mtim.tv_sec;
    told->stx_mtime.tv_nsec = static_cast<std::uint32_t>(st.st_mtim.tv_nsec);
    told->stx_ctime = told->stx_mtime;
    told->stx_ino = st.st_ino;
    told->stx_dev_major = ::major(st.st_dev);
    told->stx_dev_minor = ::minor(st.st_dev);
    const auto file = of_file ? file_of(*caller(), at) : nullptr;
    if (file && file->node) {
        told->stx_mask |= STATX_BTIME;
        told->stx_btime.tv_sec = file->node->born / 1'000'000;
        told->stx_btime.tv_nsec = static_cast<std::uint32_t>(file->node->born % 1'000'000 * 1000);
    }
    return 0;
}

int __wrap_fstatvfs64(int /*fd*/, struct statvfs* info) {
    *info = {};
    return 0;
}

int __wrap_faccessat(int at, const char* path, int /*mode*/, int /*flags*/) {
    return found_at(place_of(*caller(), at, path)) ? 0 : failed(ENOENT);
}

long __wrap_syscall(long number, ...) {
    auto* process = caller();
    if (process == nullptr || number != SYS_openat2) {
        return failed(ENOSYS);
    }
    va_list rest;
    va_start(rest, number);
    const int at = va_arg(rest, int);
    const char* path = va_arg(rest, const char*);
    const auto* how = va_arg(rest, const open_how*);
    va_end(rest);
    return open_path(*process, at, path, static_cast<int>(how->flags), 0, Call::throws_nothing);
}

ssize_t __wrap_readlink(const char* path, char* buffer, size_t size) {
    auto* process = caller();
    constexpr std::string_view own = "/proc/self/fd/";
    const std::string_view link(path);
    const auto file = process != nullptr && link.starts_with(own)
                          ? file_of(*process, std::atoi(link.substr(own.size()).data())) // NOLINT
                          : nullptr;
    if (!file || !file->node) {
        return failed(ENOENT);
    }
    const auto text = Files::path_of(*file->node);
    const auto count = std::min(size, text.size());
    std::memcpy(buffer, text.data(), count);
    return static_cast<ssize_t>(count);
}

DIR* __wrap_fdopendir(int fd) {
    auto* process = caller();
    const auto file = file_of(*process, fd);
    if (!file) {
        errno = EBADF;
        return nullptr;
    }
    the_world()->point();
    auto listing = std::make_unique<Listing>();
    if (file->type == FileType::proc) {
        for (auto& name : names_in_proc(*process, file->text)) {
            listing->entries.emplace_back(std::move(name), DT_DIR);
        }
    } else {
        for (const auto& [name, inode] : file->node->entries) {
            listing->entries.emplace_back(name, inode->kind == Inode::Kind::directory ? DT_DIR
                                                : inode->kind == Inode::Kind::fifo    ? DT_FIFO
                                                                                      : DT_REG);
        }
    }
    process->descriptors.erase(fd);
    auto* stream = reinterpret_cast<DIR*>(listing.get()); // NOLINT: nobody looks inside
    listings().emplace(stream, std::move(listing));
    return stream;
}

dirent* __wrap_readdir64(DIR* stream) {
    auto& listing = *listings().at(stream);
    if (listing.next == listing.entries.size()) {
        return nullptr;
    }
    const auto& [name, kind] = listing.entries[listing.next++];
    listing.entry.d_type = kind;
    std::strncpy(&listing.entry.d_name[0], name.c_str(), sizeof listing.entry.d_name - 1);
    return &listing.entry;
}

int __wrap_closedir(DIR* stream) {
    listings().erase(stream);
    return 0;
}

int __wrap_unlinkat(int at, const char* path, int flags) {
    auto* process = caller();
    if (!the_world()->point(Call::throws_nothing)) {
        return failed(EIO);
    }
    const auto place = place_of(*process, at, path);
    const auto node = found_at(place);
    if (!node) {
        return failed(ENOENT);
    }
    const bool is_directory = node->kind == Inode::Kind::directory;
    if (is_directory != ((flags & AT_REMOVEDIR) != 0)) {
        return failed(is_directory ? EISDIR : ENOTDIR);
    }
    if (is_directory && !node->entries.empty()) {
        return failed(ENOTEMPTY);
    }
    Files::unlink(place.directory, place.name, the_world()->wall());
    if (place.directory->on_volume) {
        the_world()->tell(fmt::format("{} removes {}/{}", process->what,
                                      Files::path_of(*place.directory), place.name));
    }
    return 0;
}

int __wrap_renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
    auto* process = caller();
    auto* world = the_world();
    if (!world->point(Call::throws_nothing)) {
        return failed(EIO);
    }
    const auto old_place = place_of(*process, from_at, from);
    const auto new_place = place_of(*process, to_at, to);
    const auto node = found_at(old_place);
    const auto there = found_at(new_place);
    if (!node || !new_place.directory) {
        return failed(ENOENT);
    }
    if (there && (flags & RENAME_NOREPLACE) != 0) {
        return failed(EEXIST);
    }
    if (there && there->kind == Inode::Kind::directory && !there->entries.empty()) {
        return failed(ENOTEMPTY);
    }
    Files::rename(old_place.directory, old_place.name, new_place.directory, new_place.name,
                  world->wall());
    world->tell(fmt::format("{} puts {}/{} in its place", process->what,
                            Files::path_of(*new_place.directory), new_place.name));
    return 0;
}

int __wrap_renameat(int from_at, const char* from, int to_at, const char* to) {
    return __wrap_renameat2(from_at, from, to_at, to, 0);
}

namespace {
int make_entry(int at, const char* path, Inode::Kind kind, unsigned mode) {
    auto* process = caller();
    auto* world = the_world();
    if (!world->point(Call::throws_nothing)) {
        return failed(EIO);
    }
    const auto place = place_of(*process, at, path);
    if (!place.directory ||
        (place.directory != world->files.root() && place.directory->links == 0)) {
        return failed(ENOENT);
    }
    if (found_at(place)) {
        return failed(EEXIST);
    }
    (void)world->files.make(place.directory, place.name, kind, mode, world->wall());
    return 0;
}
} // namespace

int __wrap_mkdirat(int at, const char* path, mode_t mode) {
    return make_entry(at, path, Inode::Kind::directory, mode);
}

int __wrap_mkdir(const char* path, mode_t mode) {
    return make_entry(AT_FDCWD, path, Inode::Kind::directory, mode);
}

int __wrap_mkfifoat(int at, const char* path, mode_t mode) {
    return make_entry(at, path, Inode::Kind::fifo, mode);
}

int __wrap_fsync(int fd) {
    auto* world = the_world();
    world->point();
    if (const auto file = file_of(*caller(), fd); file && file->node) {
        Files::flush(*file->node);
    }
    return 0;
}

int __wrap_syncfs(int /*fd*/) {
    if (!the_world()->point(Call::throws_nothing)) {
        return failed(EIO);
    }
    the_world()->files.flush_volume();
    return 0;
}

int __wrap_fchmod(int fd, mode_t mode) {
    if (const auto file = file_of(*caller(), fd); file && file->node) {
        file->node->mode = mode;
    }
    return 0;
}

int __wrap_fchmodat(int at, const char* path, mode_t mode, int /*flags*/) {
    if (const auto node = found_at(place_of(*caller(), at, path))) {
        node->mode = mode;
    }
    return 0;
}

int __wrap_chmod(const char* /*path*/, mode_t /*mode*/) {
    return 0;
}

int __wrap_fchown(int /*fd*/, uid_t /*uid*/, gid_t /*gid*/) {
    return 0;
}

int __wrap_fchownat(int /*at*/, const char* /*path*/, uid_t /*uid*/, gid_t /*gid*/, int /*flags*/) {
    return 0;
}

mode_t __wrap_umask(mode_t /*mask*/) {
    return 022;
}

int __wrap_flock(int fd, int operation) {
    auto* world = the_world();
    const auto file = file_of(*caller(), fd);
    if (!file || !file->node) {
        return failed(EBADF);
    }
    auto& locks = file->node->flocks;
    if ((operation & LOCK_UN) != 0) {
        locks.release(file.get());
        return 0;
    }
    if (!world->point(Call::throws_nothing)) {
        return failed(EIO);
    }
    const auto how = (operation & LOCK_EX) != 0 ? Hold::alone : Hold::in_common;
    return take(locks, file.get(), how);
}

namespace {
int record_lock(const OpenFilePtr& file, int command, struct flock& whole) {
    auto* world = the_world();
    auto& locks = file->node->record_locks;
    world->point();
    const auto how = whole.l_type == F_WRLCK ? Hold::alone : Hold::in_common;
    const auto free = [&locks, raw = file.get(), how] { return locks.would_have(raw, how); };
    if (command == F_OFD_GETLK) {
        whole.l_type = static_cast<short>(free() ? F_UNLCK : F_WRLCK);
        return 0;
    }
    if (command == F_OFD_SETLKW) {
        (void)world->wait_for(free, for_ever);
    }
    return take(locks, file.get(), how);
}
} // namespace

int __wrap_fcntl64(int fd, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void* argument = va_arg(rest, void*);
    va_end(rest);
    auto* process = caller();
    const auto file = process == nullptr ? nullptr : file_of(*process, fd);
    if (!file) {
        return failed(EBADF);
    }
    const auto number = static_cast<int>(
        reinterpret_cast<std::intptr_t>(argument)); // NOLINT: as the kernel takes it
    switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        return add_descriptor(*process, file, std::max(number, 3), command == F_DUPFD_CLOEXEC);
    case F_SETFD:
        process->descriptors[fd].second = (number & FD_CLOEXEC) != 0;
        return 0;
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return record_lock(file, command, *static_cast<struct flock*>(argument));
    default:
        return 0;
    }
}

int __wrap_nanosleep(const timespec* span, timespec* /*rest*/) {
    auto* world = the_world();
    if (caller() != nullptr) {
        world->sleep(span->tv_sec * 1'000'000 + span->tv_nsec / 1000);
    }
    return 0;
}

ssize_t __wrap_getrandom(void* buffer, size_t size, unsigned /*flags*/) {
    const auto number = the_world()->next_random();
    std::memcpy(buffer, &number, std::min(size, sizeof number));
    return static_cast<ssize_t>(std::min(size, sizeof number));
}

int __wrap_poll(pollfd* events, nfds_t count, int limit) {
    auto* world = the_world();
    auto* process = caller();
    const auto look = [=] {
        int ready = 0;
        for (nfds_t i = 0; i < count; ++i) {
            events[i].revents = 0; // NOLINT: as poll(2) has it
            const auto file =
                events[i].fd < 0 ? nullptr : file_of(*process, events[i].fd); // NOLINT
            if (file && is_ready(*process, *file)) {
                events[i].revents = POLLIN; // NOLINT
                ++ready;
            }
        }
        return ready;
    };
    const auto until = limit < 0 ? for_ever : world->now() + Micros{limit} * 1000;
    (void)world->wait_for([look] { return look() > 0; }, until);
    return look();
}

int __wrap_pause() {
    (void)the_world()->wait_for([] { return false; }, for_ever);
    return failed(EINTR);
}

pid_t __wrap_getpid() {
    auto* process = caller();
    return process == nullptr ? 1 : process->pid;
}

uid_t __wrap_geteuid() {
    return user;
}
gid_t __wrap_getegid() {
    return user;
}
pid_t __wrap_getpgid(pid_t pid) {
    return pid;
}
pid_t __wrap_getpgrp() {
    return __wrap_getpid();
}
long __wrap_sysconf(int /*name*/) {
    return 100;
}

/// std::chrono::steady_clock::now and system_clock::now.
std::int64_t __wrap__ZNSt6chrono3_V212steady_clock3nowEv() {
    auto* world = the_world();
    return world == nullptr ? 0 : world->now() * 1000;
}
std::int64_t __wrap__ZNSt6chrono3_V212system_clock3nowEv() {
    auto* world = the_world();
    return world == nullptr ? 0 : world->wall() * 1000;
}
}
// NOLINTEND(bugprone-reserved-identifier, cert-dcl37-c, cert-dcl51-cpp,
// readability-identifier-naming)
