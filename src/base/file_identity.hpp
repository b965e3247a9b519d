/// What a directory is, whatever it is called: two paths with the same one lead to the same place.
#pragma once

#include <cstdint>

namespace gw {

struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

} // namespace gw
