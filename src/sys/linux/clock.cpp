#include "base/text.hpp"
#include "sys/directory.hpp"
#include "sys/platform.hpp"

#include <ctime>

namespace gw::sys::platform {

std::chrono::nanoseconds since_boot() {
    timespec now{};
    (void)::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::string boot_id() {
    constexpr std::size_t limit = 64;
    const auto proc = Directory::open("/proc/sys/kernel/random");
    return proc ? std::string(trimmed(read_file(*proc, "boot_id", limit).bytes)) : std::string();
}

} // namespace gw::sys::platform
