/// The directory that s6-svscan watches, read only.
#pragma once

#include "rules/observed.hpp"
#include "rules/tree.hpp"
#include "store/home.hpp"
#include "sys/directory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::supervise {

/// The tool's own dot names in the scandir; s6-svscan ignores names that begin with a dot.
namespace scandir_names {
inline constexpr const char* lock = ".gatewayctl.lock";
inline constexpr const char* control = ".s6-svscan"; ///< s6-svscan's own
std::string staging(const ProfileName& profile);     ///< a slot being built
std::string retired(const ProfileName& profile);     ///< a slot whose supervisor is leaving
inline constexpr const char* keeper_staging = ".gateway-.keeper.new";
bool is_leftover(const std::string& name); ///< either of the two
} // namespace scandir_names

class Scandir {
  public:
    /// nullopt when the directory does not exist.
    static Result<std::optional<Scandir>> open(const std::string& path);

    [[nodiscard]] const sys::Directory& directory() const { return directory_; }
    [[nodiscard]] const std::string& path() const { return directory_.path(); }
    /// By the mark in it.
    [[nodiscard]] TreeKind tree() const { return tree_; }

    /// Errc::unsupported where no slot can run: the file system is mounted noexec, and s6-supervise
    /// would try for ever.
    [[nodiscard]] Result<void> check_can_run() const;
    /// Visible entries: what s6-svscan counts as services.
    [[nodiscard]] std::size_t services() const;

    /// A boot pass has gone over it: in a tree of the user's own the hook before it may have made
    /// one, and whoever comes after a killed s6-svscan makes another.
    [[nodiscard]] bool was_passed() const;
    /// An s6-svscan reads the control FIFO.
    [[nodiscard]] bool supervisor_live() const;

    /// Names below the scandir that concern this tool.
    struct Listing {
        std::vector<ProfileName> slots;     ///< `gateway-<profile>`, whatever is behind the name
        std::vector<std::string> leftovers; ///< staging and retired directories
    };
    [[nodiscard]] Result<Listing> list() const;

    /// What is behind the name of a slot; `home` tells ours from another home's: by its path, or,
    /// where that has another spelling there, by device and inode.
    [[nodiscard]] ObservedSlot observe(const ProfileName& profile, const store::Home& home) const;
    /// The same, but nothing is known of its skeleton, which concerns a boot pass alone.
    [[nodiscard]] ObservedSlot read(const ProfileName& profile, const store::Home& home) const;
    /// The same with less read: of its content only `run` and `notification-fd`, and nothing is
    /// known of its skeleton. For who asks often, or about many.
    [[nodiscard]] ObservedSlot recognize(const ProfileName& profile, const store::Home& home) const;

    /// An s6-supervise runs on the service or the logger in this directory of the scandir, or this
    /// user may not see whether one does.
    [[nodiscard]] bool supervised(const std::string& directory_name) const;
    /// One runs on each of the two.
    [[nodiscard]] bool wholly_supervised(const std::string& directory_name) const;

  private:
    explicit Scandir(sys::Directory directory)
        : directory_(std::move(directory)),
          tree_(directory_.has(own_tree_mark) ? TreeKind::own : TreeKind::shared) {}
    sys::Directory directory_;
    TreeKind tree_;
};

} // namespace gw::supervise
