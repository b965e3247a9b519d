/// Directories by descriptor, and reading below them. The volume belongs to an unprivileged user
/// and may be hostile: nothing below an open directory is ever reached through a symlink.
#pragma once

#include "base/error.hpp"
#include "base/file_identity.hpp"
#include "sys/unique_fd.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace gw::sys {

enum class EntryKind { file, directory, symlink, other };

struct DirectoryEntry {
    std::string name;
    EntryKind kind = EntryKind::other;
};

/// The part of stat(2) that is used here.
struct FileInfo {
    EntryKind kind = EntryKind::other;
    bool fifo = false;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    unsigned mode = 0; ///< permission bits
    std::int64_t changed_ns = 0;
    /// When the file came to be where it is: its birth as statx(2) tells, for what was read, and
    /// where the file system knows it; else st_ctim, which a change of its owner moves.
    std::int64_t arrived_ns = 0;
    FileIdentity identity{};
    std::uint64_t size = 0; ///< in bytes
};

/// Of an open descriptor, also one that was opened with O_PATH.
Result<FileInfo> info_of(const UniqueFd& fd, const std::string& path);

/// An open directory. `path()` is for messages only: access goes through the descriptor.
class Directory {
  public:
    /// Opens a directory that somebody named, following symlinks; as root only those that nobody
    /// but root can have put there (sys/guarded_path.hpp).
    static Result<Directory> open(const std::string& path);
    /// Like `find`, also through symlinks of one's own that lead to a place in this directory,
    /// whose path must be its real one; root follows none. `path()` is the real path of what was
    /// found.
    [[nodiscard]] Result<std::optional<Directory>>
    find_through_own_links(const std::string& relative) const;
    /// The same directory under another path, for messages.
    [[nodiscard]] Directory called(std::string path) &&;
    /// Opens a directory below this one, without following any symlink (openat2(2) with
    /// RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; a walk with O_NOFOLLOW on older kernels or where a
    /// seccomp filter forbids openat2). nullopt when it does not exist.
    [[nodiscard]] Result<std::optional<Directory>> find(const std::string& relative) const;

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string path_of(std::string_view name) const;

    /// Entries except `.` and `..`, unsorted.
    [[nodiscard]] Result<std::vector<DirectoryEntry>> list() const;
    /// Without following a symlink; nullopt when it does not exist.
    [[nodiscard]] Result<std::optional<FileInfo>> info(const std::string& name) const;
    [[nodiscard]] Result<FileInfo> own_info() const;
    /// By device and inode; nullopt when it cannot be asked.
    [[nodiscard]] std::optional<FileIdentity> identity() const;
    /// The same directory under the path that the kernel knows: without symlinks, and with one
    /// spelling. Unchanged where /proc does not tell.
    [[nodiscard]] Directory by_its_real_path() &&;
    [[nodiscard]] bool has(const std::string& name) const;
    /// Whether this process has the right to write to an entry that is not a symlink.
    [[nodiscard]] bool may_write(const std::string& name) const;
    /// It lies on a file system that is mounted noexec.
    [[nodiscard]] bool forbids_execution() const;
    /// It was opened by root along a path that only root can swap, is root's itself and writable to
    /// nobody else: what root does to its entries, nobody can turn against it.
    [[nodiscard]] bool only_root_can_swap_entries() const;

  private:
    Directory(UniqueFd fd, std::string path, bool way_is_roots)
        : fd_(std::move(fd)), path_(std::move(path)), way_is_roots_(way_is_roots) {}
    UniqueFd fd_;
    std::string path_;
    bool way_is_roots_ = false;
};

/// Whether two paths lead to one directory (device and inode), however they are spelled. Equal
/// paths do even where nothing is there.
bool is_same_directory(const std::string& one, const std::string& other);

/// A file as found: absent, unreadable and too large are three different answers.
struct FileContent {
    enum class Answer { absent, unreadable, too_large, ok };
    Answer answer = Answer::absent;
    std::string bytes;
    std::string problem;  ///< when unreadable or too large
    FileInfo info;        ///< when ok or too large
    Errc code = Errc::io; ///< when unreadable: of the error
};

/// Reads a regular file of at most `limit` bytes below `directory`. Never blocks (a FIFO or device
/// is "unreadable") and never follows a symlink.
FileContent read_file(const Directory& directory, const std::string& relative, std::size_t limit);

/// Whether some process has a FIFO open for reading.
enum class FifoReader {
    none, ///< nobody, or there is no FIFO
    there,
    unknown, ///< this user may not ask
};

/// How s6-svok(1) tells that a supervisor is there.
FifoReader reader_of_fifo(const Directory& directory, const std::string& relative);

} // namespace gw::sys
