#include "sys/volume_kind.hpp"

#include <algorithm>
#include <array>
#include <sys/mount.h>
#include <sys/param.h>

namespace gw::sys {

std::optional<std::string_view> network_file_system(const Directory& directory) {
    constexpr std::array<std::string_view, 4> names = {"nfs", "smbfs", "afpfs", "webdav"};
    struct statfs info{};
    if (::fstatfs(directory.fd(), &info) != 0 || (info.f_flags & MNT_LOCAL) != 0) {
        return std::nullopt;
    }
    const auto* const known =
        std::ranges::find(names, std::string_view(static_cast<const char*>(info.f_fstypename)));
    return known == names.end() ? std::string_view("network") : *known;
}

} // namespace gw::sys
