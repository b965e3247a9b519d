/// The account a gateway runs as.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gw {

/// Numbers, not names: a remapped uid (99:100 …) needs no entry in the image's passwd file.
struct Account {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::vector<std::uint32_t> groups; ///< supplementary
    std::string home;                  ///< HOME of the gateway
};

/// The supplementary groups as s6-applyuidgid(1) takes them.
inline std::string group_list(const Account& account) {
    std::string out;
    for (const auto gid : account.groups) {
        out += (out.empty() ? "" : ",") + std::to_string(gid);
    }
    return out;
}

/// Whether a file or directory with this owner and these permission bits is root's, and nobody else
/// may write to it.
constexpr bool only_root_writes(std::uint32_t uid, unsigned mode) {
    constexpr unsigned writable_by_others = 022;
    return uid == 0 && (mode & writable_by_others) == 0;
}

} // namespace gw
