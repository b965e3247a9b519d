#include "base/time_words.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace gw {

std::string utc_text(std::int64_t since_epoch) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(since_epoch)));
}

std::string span_text(std::chrono::seconds span) {
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    const auto age = std::max<std::int64_t>(span.count(), 0);
    return age < minute ? fmt::format("{} s", age)
           : age < hour ? fmt::format("{} min", age / minute)
           : age < day  ? fmt::format("{} h", age / hour)
                        : fmt::format("{} d", age / day);
}

} // namespace gw
