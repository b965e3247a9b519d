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

} // namespace gw
