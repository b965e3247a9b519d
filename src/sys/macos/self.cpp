#include "sys/self.hpp"

#include "sys/platform.hpp"

#include <mach-o/dyld.h>
#include <sys/param.h>

namespace gw::sys {

/// There is one for all.
std::string pid_namespace() {
    return {};
}

namespace platform {

Result<std::string> program_file() {
    std::string path(MAXPATHLEN, '\0');
    auto size = static_cast<std::uint32_t>(path.size());
    if (::_NSGetExecutablePath(path.data(), &size) != 0) {
        return fail(Errc::io, "the path of this program is too long");
    }
    return std::string(path.c_str());
}

} // namespace platform

} // namespace gw::sys
