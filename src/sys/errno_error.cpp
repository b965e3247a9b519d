#include "sys/errno_error.hpp"

#include <cerrno>
#include <system_error>

namespace gw::sys {

Error errno_error(int number, std::string_view what) {
    const bool denied = number == EACCES || number == EPERM || number == EROFS;
    const Errc code = denied             ? Errc::not_permitted
                      : number == EEXIST ? Errc::conflict
                      : number == ENOENT ? Errc::not_found
                                         : Errc::io;
    return {code, std::string(what) + ": " + std::generic_category().message(number), {}};
}

} // namespace gw::sys
