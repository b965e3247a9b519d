#include "sys/volume_kind.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <sys/vfs.h>
#include <utility>

namespace gw::sys {

namespace {

/// f_type of statfs(2); linux/magic.h has most of them.
constexpr std::array<std::pair<std::uint32_t, std::string_view>, 12> network_types = {
    {{0x6969, "nfs"},
     {0x517B, "smb"},
     {0xFF534D42, "cifs"},
     {0xFE534D42, "smb2"},
     {0x01021997, "9p"},
     {0x00C36400, "ceph"},
     {0x5346414F, "afs"},
     {0x73757245, "coda"},
     {0x0BD00BD0, "lustre"},
     {0x47504653, "gpfs"},
     {0x7461636F, "ocfs2"},
     {0x01161970, "gfs2"}}};

} // namespace

std::optional<std::string_view> network_file_system(const Directory& directory) {
    struct statfs info{};
    if (::fstatfs(directory.fd(), &info) != 0) {
        return std::nullopt;
    }
    const auto type = static_cast<std::uint32_t>(info.f_type);
    const auto* const found =
        std::ranges::find(network_types, type, &std::pair<std::uint32_t, std::string_view>::first);
    return found == network_types.end() ? std::nullopt : std::optional(found->second);
}

} // namespace gw::sys
