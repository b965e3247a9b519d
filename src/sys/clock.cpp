#include "sys/clock.hpp"

#include "base/text.hpp"
#include "sys/directory.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/chrono.h>

namespace gw::sys {

namespace {
std::string read_boot_id() {
    constexpr std::size_t limit = 64;
    const auto proc = Directory::open("/proc/sys/kernel/random");
    return proc ? std::string(trimmed(read_file(*proc, "boot_id", limit).bytes)) : std::string();
}
} // namespace

Moment now() {
    using std::chrono::floor;
    static const std::string boot_id = read_boot_id();
    timespec since_boot{};
    (void)::clock_gettime(CLOCK_BOOTTIME, &since_boot);
    constexpr long ns_per_ms = 1'000'000;
    return {floor<std::chrono::microseconds>(std::chrono::system_clock::now()),
            BootClock(since_boot.tv_sec * 1000 + since_boot.tv_nsec / ns_per_ms), boot_id};
}

std::chrono::milliseconds Deadline::left() const {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
        end_ - std::chrono::steady_clock::now());
    return std::max(rest, std::chrono::milliseconds{0});
}

std::string local_timestamp(WallTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S%z}",
                       fmt::localtime(std::chrono::system_clock::to_time_t(whole)));
}

} // namespace gw::sys
