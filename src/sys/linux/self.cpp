#include "sys/self.hpp"

#include "sys/errno_error.hpp"
#include "sys/platform.hpp"

#include <boost/filesystem/operations.hpp>

namespace gw::sys {

std::string pid_namespace() {
    boost::system::error_code error;
    const auto name = boost::filesystem::read_symlink("/proc/self/ns/pid", error);
    return error ? std::string() : name.string();
}

namespace platform {

Result<std::string> program_file() {
    boost::system::error_code error;
    const auto path = boost::filesystem::read_symlink("/proc/self/exe", error);
    if (error) {
        return fail_errno(error.value(), "cannot read /proc/self/exe");
    }
    return path.string();
}

} // namespace platform

} // namespace gw::sys
