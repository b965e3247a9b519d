/// Points in time as the files on the volume carry them.
#pragma once

#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

/// Time since the machine booted, suspended time included (CLOCK_BOOTTIME): a step of the wall
/// clock does not touch it, and it is comparable as long as the boot id is the same.
using BootClock = std::chrono::milliseconds;

/// What the clocks say at one moment.
struct Moment {
    WallTime wall{};
    BootClock since_boot{0};
    std::string boot_id; ///< /proc/sys/kernel/random/boot_id; empty when not known
};

/// `2026-11-20T23:45:25.551516+00:00`, the form the gateways in the field write.
std::string to_rfc3339(WallTime time);

/// Reads RFC 3339 with `Z` or a numeric offset; nullopt for anything else.
std::optional<WallTime> parse_rfc3339(std::string_view text);

/// A calendar's time of UTC, as other libraries break it down.
WallTime from_utc(const std::tm& broken_down);

/// `20261120T234525Z`, for names of files kept aside.
std::string to_compact_utc(WallTime time);

} // namespace gw
