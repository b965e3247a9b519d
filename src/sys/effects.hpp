/// The one seam for every change to disk or supervisor, as an interface.
///
/// A function that changes the system takes `Effects&`. Only the dispatch of the command line and
/// the C library make one that acts on this system (sys/system_effects.hpp), and a verb that only
/// looks is never handed it, so that a dry run cannot leak. Tests and the simulation hand in
/// others.
#pragma once

#include "base/error.hpp"
#include "sys/command.hpp"
#include "sys/directory.hpp"
#include "sys/refusals.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::sys {

/// Whether a written file must survive a power cut.
enum class Durability {
    volatile_, ///< a tmpfs, or a file that can be derived again
    durable,   ///< fsync of the file and of its directory
    /// fsync of the file only: the caller writes more files there and flushes the directory once
    /// (`sync_directory`, or a durable write).
    durable_with_the_next,
};

/// What a replaced file looks like. Nothing set: owner and mode of the file it replaces, else the
/// directory's owner and 0644.
struct FileAttributes {
    std::optional<unsigned> mode;
    /// Asked when all is ready and only the rename is left; false: nothing changes, Errc::conflict.
    std::function<bool()> precondition{};
};

/// While it lives, files and directories get exactly the modes that are asked for.
class ExactModes {
  public:
    ExactModes();
    ~ExactModes();
    ExactModes(const ExactModes&) = delete;
    ExactModes& operator=(const ExactModes&) = delete;

  private:
    unsigned umask_before_;
};

/// What a volume was found to be unable to do.
struct Incapacity {
    VolumeOperation operation;
    std::string problem; ///< "flush a directory: Invalid argument"
};

class Effects {
  public:
    Effects() = default;
    virtual ~Effects() = default;
    Effects(const Effects&) = delete;
    Effects& operator=(const Effects&) = delete;

    /// Creates a file that must not exist yet, with this mode (see ExactModes).
    virtual Result<void> create_file(const Directory& at, const std::string& name,
                                     std::string_view bytes, unsigned mode) = 0;
    /// Replaces or creates a regular file atomically: a temporary file beside it, then rename.
    /// Keeps owner and mode of the file it replaces; a new one goes to the owner of the directory,
    /// also when root writes. Refuses to replace anything but a regular file (so never follows a
    /// symlink). On failure the old file is as it was; success means that the new one is there. A
    /// directory that cannot be flushed afterwards is said, but undoes nothing.
    virtual Result<void> replace_file(const Directory& at, const std::string& name,
                                      std::string_view bytes, Durability durability,
                                      const FileAttributes& attributes = {}) = 0;
    /// Appends with O_APPEND, creating the file for the directory's owner.
    virtual Result<void> append_file(const Directory& at, const std::string& name,
                                     std::string_view bytes) = 0;
    /// The file that an advisory lock is taken on (sys/file_lock.hpp), created for the directory's
    /// owner if needed.
    virtual Result<UniqueFd> open_lock(const Directory& at, const std::string& name) = 0;
    /// Removes a temporary file that a killed `replace_file` has left. One that is being written
    /// now is locked by its writer and stays, as does anything else under such a name.
    virtual Result<void> remove_leftover(const Directory& at, const std::string& name) = 0;
    /// Absent is success: the wanted end is "not there".
    virtual Result<void> remove_file(const Directory& at, const std::string& name) = 0;
    /// Exists already (as a directory) is success; mode is set exactly when it is created.
    virtual Result<void> make_directory(const Directory& at, const std::string& name,
                                        unsigned mode) = 0;
    virtual Result<void> make_fifo(const Directory& at, const std::string& name, unsigned mode) = 0;
    virtual Result<void> rename(const Directory& from, const std::string& old_name,
                                const Directory& to, const std::string& new_name) = 0;
    /// Like rename, but Errc::conflict when the new name exists. Where the volume has no
    /// RENAME_NOREPLACE the caller's lock on the directory keeps others of the tool away from the
    /// name.
    virtual Result<void> publish(const Directory& at, const std::string& old_name,
                                 const std::string& new_name) = 0;
    /// Removes a directory and all below it without following symlinks; absent is success.
    virtual Result<void> remove_tree(const Directory& at, const std::string& name) = 0;
    /// Owner and mode of an entry that is not a symlink, through a descriptor of its own.
    virtual Result<void> set_owner(const Directory& at, const std::string& name, std::uint32_t uid,
                                   std::uint32_t gid) = 0;
    virtual Result<void> set_mode(const Directory& at, const std::string& name, unsigned mode) = 0;
    /// Creates a directory that somebody named, with its parents; as root only where nobody else
    /// can swap them (sys/guarded_path.hpp).
    virtual Result<void> make_path(const std::string& path) = 0;
    /// After `durable_with_the_next`. What cannot be flushed is said; what was written is there.
    virtual void sync_directory(const Directory& at) = 0;
    /// Flushes all that was written to the file system that the directory lies on.
    virtual Result<void> sync_file_system(const Directory& at) = 0;
    /// Tries out in `at` what a volume may refuse (sys/refusals.hpp), and leaves nothing behind.
    virtual Result<std::vector<Incapacity>> probe_volume(const Directory& at) = 0;
    /// Runs a tool that changes something.
    virtual Result<CommandOutput> run(const Argv& argv, std::chrono::milliseconds deadline) = 0;
    /// `run` for each of them, with a deadline for each, side by side where that can be done.
    virtual std::vector<Result<CommandOutput>> run_all(std::span<const Argv> tools,
                                                       std::chrono::milliseconds deadline) {
        std::vector<Result<CommandOutput>> results;
        for (const auto& argv : tools) {
            results.push_back(run(argv, deadline));
        }
        return results;
    }
};

} // namespace gw::sys
