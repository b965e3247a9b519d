#include "sys/machine.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "sys/control_group.hpp"
#include "sys/errno_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <linux/magic.h>
#include <string_view>
#include <sys/statvfs.h>
#include <sys/vfs.h>

namespace gw::sys {

namespace {

struct Known {
    std::uint64_t magic;
    std::string_view name;
    bool network = false;
};

/// statfs(2) has a longer list; those are on volumes, or have made trouble there.
constexpr std::array known_types = {
    Known{EXT4_SUPER_MAGIC, "ext4"},
    Known{XFS_SUPER_MAGIC, "xfs"},
    Known{BTRFS_SUPER_MAGIC, "btrfs"},
    Known{TMPFS_MAGIC, "tmpfs"},
    Known{OVERLAYFS_SUPER_MAGIC, "overlay"},
    Known{F2FS_SUPER_MAGIC, "f2fs"},
    Known{MSDOS_SUPER_MAGIC, "vfat"},
    Known{FUSE_SUPER_MAGIC, "fuse", true},
    Known{NFS_SUPER_MAGIC, "nfs", true},
    Known{SMB_SUPER_MAGIC, "smb", true},
    Known{SMB2_SUPER_MAGIC, "smb", true},
    Known{CIFS_SUPER_MAGIC, "cifs", true},
    Known{V9FS_MAGIC, "9p", true},
    Known{CEPH_SUPER_MAGIC, "ceph", true},
    Known{0x2fc12fc1, "zfs"}, // not in linux/magic.h
};

std::optional<std::uint64_t> number_of(const std::vector<GroupFile>& files, std::optional<Pid> of) {
    const auto texts = group_texts(files, of);
    return texts.empty() ? std::nullopt
                         : parse_number<std::uint64_t>(trimmed(texts.front())); // not for "max"
}

std::optional<Usage> usage_of(const std::vector<GroupFile>& used,
                              const std::vector<GroupFile>& limit, std::optional<Pid> of) {
    // Version 1 says "no limit" by a number near 2^63.
    constexpr std::uint64_t beyond_any = std::uint64_t{1} << 60U;
    const auto most = number_of(limit, of);
    const auto now = number_of(used, of);
    return most && now && *most < beyond_any ? std::optional(Usage{*now, *most}) : std::nullopt;
}

} // namespace

bool is_macos() {
    return false;
}

Result<FileSystem> file_system_of(const Directory& directory) {
    struct statfs type{};
    struct statvfs room{};
    if (::fstatfs(directory.fd(), &type) != 0 || ::fstatvfs(directory.fd(), &room) != 0) {
        return fail_errno(errno, "cannot look at the file system of " + directory.path());
    }
    const auto magic = static_cast<std::uint32_t>(type.f_type);
    const auto* const known = std::find_if(known_types.begin(), known_types.end(),
                                           [&](const Known& one) { return one.magic == magic; });
    const bool is_known = known != known_types.end();
    FileSystem found;
    found.type = is_known ? std::string(known->name) : fmt::format("{:#x}", magic);
    found.network = is_known && known->network;
    found.read_only = (room.f_flag & ST_RDONLY) != 0;
    found.bytes = room.f_blocks * room.f_frsize;
    found.bytes_free = room.f_bavail * room.f_frsize;
    found.files = room.f_files;
    found.files_free = room.f_favail;
    return found;
}

Limits limits(std::optional<Pid> of) {
    const std::string two = "/sys/fs/cgroup";
    const std::string pids = two + "/pids";
    const std::string memory = two + "/memory";
    Limits found;
    found.processes = usage_of({{"0::", two, "pids.current"}, {":pids:", pids, "pids.current"}},
                               {{"0::", two, "pids.max"}, {":pids:", pids, "pids.max"}}, of);
    found.memory =
        usage_of({{"0::", two, "memory.current"}, {":memory:", memory, "memory.usage_in_bytes"}},
                 {{"0::", two, "memory.max"}, {":memory:", memory, "memory.limit_in_bytes"}}, of);
    return found;
}

std::optional<std::uint64_t> descriptor_limit(Pid of) {
    constexpr std::size_t larger_than_any = std::size_t{1} << 13U;
    constexpr std::string_view line = "Max open files";
    const auto process = Directory::open(fmt::format("/proc/{}", of.value));
    const auto limits =
        process ? read_file(*process, "limits", larger_than_any).bytes : std::string();
    const auto at = limits.find(line);
    if (at == std::string::npos) {
        return std::nullopt;
    }
    // The soft limit is the one that counts; after it stands the hard one.
    const auto words = words_of(std::string_view(limits).substr(at + line.size()));
    return words.empty() ? std::nullopt : parse_number<std::uint64_t>(words.front());
}

} // namespace gw::sys
