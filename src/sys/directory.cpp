#include "sys/directory.hpp"

#include "base/account.hpp"
#include "sys/errno_error.hpp"
#include "sys/guarded_path.hpp"
#include "sys/platform.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <utility>

namespace gw::sys {

namespace {

EntryKind kind_of_mode(mode_t mode) {
    return S_ISREG(mode)   ? EntryKind::file
           : S_ISDIR(mode) ? EntryKind::directory
           : S_ISLNK(mode) ? EntryKind::symlink
                           : EntryKind::other;
}

std::int64_t to_ns(const timespec& time) {
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    return time.tv_sec * ns_per_s + time.tv_nsec;
}

FileIdentity identity_in(const struct stat& st) {
    return {static_cast<std::uint64_t>(st.st_dev), st.st_ino};
}

FileInfo to_info(const struct stat& st) {
    return {kind_of_mode(st.st_mode),
            S_ISFIFO(st.st_mode),
            st.st_uid,
            st.st_gid,
            static_cast<unsigned>(st.st_mode & 07777U),
            to_ns(platform::modified_at(st)),
            to_ns(platform::changed_at(st)),
            identity_in(st),
            static_cast<std::uint64_t>(st.st_size)};
}

FileContent problem(FileContent::Answer answer, std::string text) {
    return {answer, {}, std::move(text), {}};
}

FileContent unreadable(const Error& error) {
    auto content = problem(FileContent::Answer::unreadable, error.message);
    content.code = error.code;
    return content;
}

/// Reads until the end or one byte beyond the limit; errno in `error` on failure. A file that is as
/// long as `expected` is at its end without another read to prove it; 0: not known, as in /proc.
std::string read_up_to(int fd, std::size_t limit, std::size_t expected, int& error) {
    std::string bytes;
    std::array<char, 8192> chunk; // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    while (bytes.size() <= limit) {
        const ssize_t n = ::read(fd, chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            error = n < 0 ? errno : 0;
            break;
        }
        bytes.append(chunk.data(), static_cast<std::size_t>(n));
        if (bytes.size() == expected) {
            break;
        }
    }
    return bytes;
}

FileContent too_large(FileContent content, std::size_t limit) {
    content.answer = FileContent::Answer::too_large;
    content.problem = "larger than " + std::to_string(limit) + " bytes";
    content.bytes.clear();
    return content;
}

} // namespace

Result<Directory> Directory::open(const std::string& path) {
    GuardedPath way{{}, false};
    if (::geteuid() == 0) {
        auto walked = walk_guarded(path);
        if (!walked) {
            return std::unexpected(std::move(walked.error()));
        }
        way = std::move(*walked);
    }
    UniqueFd fd(way.fd ? ::openat(way.fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                       : ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) {
        return fail_errno(errno, "cannot open directory " + path);
    }
    return Directory(std::move(fd), path, way.only_root_can_swap);
}

Result<std::optional<Directory>> Directory::find(const std::string& relative) const {
    UniqueFd fd(platform::open_beneath(fd_.get(), relative, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return fail_errno(errno, "cannot open directory " + path_of(relative));
    }
    const bool one_step = relative.find('/') == std::string::npos;
    return Directory(std::move(fd), path_of(relative), one_step && only_root_can_swap_entries());
}

Result<std::optional<Directory>>
Directory::find_through_own_links(const std::string& relative) const {
    auto found = find(relative);
    if (found || ::geteuid() == 0) {
        return found;
    }
    for (std::size_t end = 0; end != std::string::npos;) {
        end = relative.find('/', end + 1);
        struct stat st{};
        const auto part = path_of(relative.substr(0, end));
        if (::lstat(part.c_str(), &st) != 0 || (S_ISLNK(st.st_mode) && st.st_uid != ::geteuid())) {
            return found;
        }
    }
    const auto target = real_path(path_of(relative));
    return target.starts_with(path_ + "/") ? find(target.substr(path_.size() + 1))
                                           : std::move(found);
}

Directory Directory::called(std::string path) && {
    path_ = std::move(path);
    return std::move(*this);
}

bool Directory::only_root_can_swap_entries() const {
    const auto info = way_is_roots_ ? own_info() : Result<FileInfo>();
    return way_is_roots_ && info && only_root_writes(info->uid, info->mode);
}

bool Directory::forbids_execution() const {
    return platform::forbids_execution(fd_.get());
}

std::string Directory::path_of(std::string_view name) const {
    return name == "." ? path_ : path_ + "/" + std::string(name);
}

Result<std::vector<DirectoryEntry>> Directory::list() const {
    // A descriptor of its own: a directory stream has a position that must not be shared.
    UniqueFd fd(::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) {
        return fail_errno(errno, "cannot list " + path_);
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(fd.get()), ::closedir);
    if (!stream) {
        return fail_errno(errno, "cannot list " + path_);
    }
    fd.release();
    std::vector<DirectoryEntry> entries;
    while (true) {
        errno = 0;
        const dirent* entry = ::readdir(stream.get()); // NOLINT(concurrency-mt-unsafe)
        if (entry == nullptr) {
            break;
        }
        const std::string_view name = &entry->d_name[0];
        if (name == "." || name == "..") {
            continue;
        }
        EntryKind kind = entry->d_type == DT_REG   ? EntryKind::file
                         : entry->d_type == DT_DIR ? EntryKind::directory
                         : entry->d_type == DT_LNK ? EntryKind::symlink
                                                   : EntryKind::other;
        if (entry->d_type == DT_UNKNOWN) {
            const auto found = info(std::string(name));
            kind = found && *found ? (*found)->kind : EntryKind::other;
        }
        entries.push_back({std::string(name), kind});
    }
    if (errno != 0) {
        return fail_errno(errno, "cannot list " + path_);
    }
    return entries;
}

Result<std::optional<FileInfo>> Directory::info(const std::string& name) const {
    struct stat st{};
    if (::fstatat(fd_.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return fail_errno(errno, "cannot stat " + path_of(name));
    }
    return to_info(st);
}

Result<FileInfo> info_of(const UniqueFd& fd, const std::string& path) {
    struct stat st{};
    if (::fstat(fd.get(), &st) != 0) {
        return fail_errno(errno, "cannot stat " + path);
    }
    return to_info(st);
}

Result<FileInfo> Directory::own_info() const {
    return info_of(fd_, path_);
}

std::optional<FileIdentity> Directory::identity() const {
    const auto info = own_info();
    return info ? std::optional(info->identity) : std::nullopt;
}

Directory Directory::by_its_real_path() && {
    const std::string known = platform::path_of(fd_.get());
    struct stat st{};
    // A directory that was deleted, or is out of sight, has a text there that is no path to it.
    const bool leads_here =
        known.starts_with('/') && ::stat(known.c_str(), &st) == 0 && identity() == identity_in(st);
    path_ = leads_here ? known : path_;
    return std::move(*this);
}

bool Directory::may_write(const std::string& name) const {
    return ::faccessat(fd(), name.c_str(), W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0;
}

bool Directory::has(const std::string& name) const {
    struct stat st{};
    return ::fstatat(fd_.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool is_same_directory(const std::string& one, const std::string& other) {
    struct stat first{};
    struct stat second{};
    return one == other || (!one.empty() && ::stat(one.c_str(), &first) == 0 &&
                            ::stat(other.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
                            first.st_ino == second.st_ino);
}

FileContent read_file(const Directory& directory, const std::string& relative, std::size_t limit) {
    using Answer = FileContent::Answer;
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    const UniqueFd fd(platform::open_beneath(directory.fd(), relative,
                                             O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd) {
        return errno == ENOENT  ? FileContent{}
               : errno == ELOOP ? problem(Answer::unreadable, "it is a symbolic link")
                                : unreadable(errno_error(errno, "cannot open it"));
    }
    struct stat st{};
    FileContent content{Answer::ok, {}, {}, {}};
    std::optional<timespec> birth;
    if (platform::stat_with_birth(fd.get(), st, birth) != 0) {
        return unreadable(errno_error(errno, "cannot stat it"));
    }
    content.info = to_info(st);
    content.info.arrived_ns = birth ? to_ns(*birth) : content.info.arrived_ns;
    if (!S_ISREG(st.st_mode)) {
        return problem(Answer::unreadable, "it is not a regular file");
    }
    if (std::cmp_greater(st.st_size, limit)) {
        return too_large(std::move(content), limit);
    }
    int error = 0;
    content.bytes = read_up_to(fd.get(), limit, static_cast<std::size_t>(st.st_size), error);
    if (error != 0) {
        return unreadable(errno_error(error, "cannot read it"));
    }
    // It may have grown, and what is in /proc does not tell its size.
    return content.bytes.size() > limit ? too_large(std::move(content), limit) : content;
}

FifoReader reader_of_fifo(const Directory& directory, const std::string& relative) {
    const UniqueFd fd(
        platform::open_beneath(directory.fd(), relative, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fd) {
        constexpr std::array nobody = {ENXIO, ENOENT, ENOTDIR, ELOOP, EISDIR};
        const bool is_known = std::ranges::find(nobody, errno) != nobody.end();
        return is_known ? FifoReader::none : FifoReader::unknown;
    }
    struct stat st{};
    if (::fstat(fd.get(), &st) != 0) {
        return FifoReader::unknown;
    }
    return S_ISFIFO(st.st_mode) ? FifoReader::there : FifoReader::none;
}

} // namespace gw::sys
