/// An errno becomes an Error, in one place.
#pragma once

#include "base/error.hpp"

#include <string_view>

namespace gw::sys {

/// "<what>: <strerror>"; EACCES, EPERM and EROFS are Errc::not_permitted, EEXIST Errc::conflict.
Error errno_error(int number, std::string_view what);

inline std::unexpected<Error> fail_errno(int number, std::string_view what) {
    return std::unexpected(errno_error(number, what));
}

} // namespace gw::sys
