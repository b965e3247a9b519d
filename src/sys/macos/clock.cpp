#include "sys/platform.hpp"

#include <array>
#include <ctime>
#include <sys/sysctl.h>

namespace gw::sys::platform {

/// It goes on while the machine sleeps, as CLOCK_BOOTTIME of Linux does.
std::chrono::nanoseconds since_boot() {
    return std::chrono::nanoseconds(::clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW));
}

std::string boot_id() {
    std::array<char, 64> id{};
    std::size_t size = id.size();
    const bool told = ::sysctlbyname("kern.bootsessionuuid", id.data(), &size, nullptr, 0) == 0;
    return told ? std::string(id.data()) : std::string();
}

} // namespace gw::sys::platform
