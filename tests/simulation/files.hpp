/// Files in memory, with what a power cut may leave of them.
///
/// A file's bytes are safe after fsync(2) of the file, an entry of a directory after fsync(2) of
/// that directory; a rename within a directory happens wholly or not at all. What was not flushed
/// may be there after a power cut, or not, and bytes may be there in part.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::simulation {

using Micros = std::int64_t;
/// Draws a number below its argument.
using Draw = std::function<std::uint64_t(std::uint64_t)>;

struct Inode;
using InodePtr = std::shared_ptr<Inode>;
struct OpenFile;

/// Locks of one of the two families (flock, or those of an open file description).
enum class Hold { alone, in_common };

struct Locks {
    OpenFile* alone = nullptr;
    std::set<OpenFile*> in_common;
    void release(OpenFile* file);
    /// Whether nobody else keeps this open file from it.
    [[nodiscard]] bool would_have(const OpenFile* file, Hold how) const;
    /// Instead of what it had. False, and it has what it had, when somebody else keeps it from it.
    bool take(OpenFile* file, Hold how);
};

struct Inode {
    enum class Kind { directory, file, fifo };
    Kind kind = Kind::file;
    std::uint64_t number = 0;
    bool on_volume = false; ///< survives a power cut, as far as it was flushed
    unsigned mode = 0;
    Micros changed = 0;
    Micros born = 0;
    int links = 0;

    std::string bytes;
    std::string safe_bytes;

    using Entries = std::map<std::string, InodePtr, std::less<>>;
    Entries entries;
    Entries safe_entries;
    /// What was done to `entries` since the last flush, each at once or not at all; nullptr:
    /// removed.
    std::vector<std::vector<std::pair<std::string, InodePtr>>> unsafe;
    Inode* parent = nullptr; ///< of a directory
    std::string name;        ///< of a directory, in its parent

    Locks flocks;
    Locks record_locks;
    int readers = 0; ///< of a FIFO
};

enum class FileType { regular, proc, signals, news, pipe };

/// An open file description.
struct OpenFile {
    explicit OpenFile(InodePtr inode, int how) : node(std::move(inode)), flags(how) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile();
    FileType type = FileType::regular;
    InodePtr node;
    int flags;
    std::size_t at = 0;
    std::string text; ///< of what is no file: its path below /proc, or what is to be read
    bool reads_fifo = false;
    std::vector<std::pair<InodePtr, Micros>>
        watched{}; ///< of news: directories, and when they changed last
};
using OpenFilePtr = std::shared_ptr<OpenFile>;

/// The tree of all files of the machine.
class Files {
  public:
    Files();

    [[nodiscard]] InodePtr root() const { return root_; }
    /// From a directory, along a relative path; nullptr when there is none.
    [[nodiscard]] static InodePtr find(const InodePtr& from, std::string_view relative);
    [[nodiscard]] InodePtr find(std::string_view absolute) const { return find(root_, absolute); }
    [[nodiscard]] static std::string path_of(const Inode& directory);

    InodePtr make(const InodePtr& directory, const std::string& name, Inode::Kind kind,
                  unsigned mode, Micros now);
    /// A directory with its parents. What lies below `/data` and `/etc` is on a disk.
    InodePtr make_path(std::string_view absolute, Micros now);
    void put(const InodePtr& directory, const std::string& name, const std::string& bytes,
             Micros now);
    static void unlink(const InodePtr& directory, const std::string& name, Micros now);
    static void rename(const InodePtr& from, const std::string& old_name, const InodePtr& to,
                       const std::string& new_name, Micros now);
    static void flush(Inode& inode);
    /// Everything that is on a disk.
    void flush_volume();

    /// The machine has lost its power: what is left of the volume is drawn; the rest is gone.
    void cut_power(const Draw& draw);
    /// Removes all below a directory of a tmpfs.
    static void wipe(const InodePtr& directory);

  private:
    InodePtr root_;
    std::uint64_t next_number_ = 1;
};

/// Every file below a directory, by its path from there.
std::map<std::string, std::string> contents_of(const InodePtr& directory);

} // namespace gw::simulation
