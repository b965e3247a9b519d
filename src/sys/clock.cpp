#include "sys/clock.hpp"

#include "sys/platform.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/chrono.h>

namespace gw::sys {

Moment now() {
    using std::chrono::floor;
    static const std::string boot_id = platform::boot_id();
    return {floor<std::chrono::microseconds>(std::chrono::system_clock::now()),
            floor<BootClock>(platform::since_boot()), boot_id};
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
