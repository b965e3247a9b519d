/// All bytes into a descriptor.
#pragma once

#include <cerrno>
#include <string_view>
#include <unistd.h>

namespace gw::sys {

/// 0 or the errno of the first write that failed.
inline int write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return n < 0 ? errno : EIO;
        }
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return 0;
}

} // namespace gw::sys
