#include "base/time_words.hpp"

#include "base/numbers.hpp"

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

std::optional<WallTime> parse_past(std::string_view text, WallTime now) {
    using std::chrono::seconds;
    // Longer than that nobody keeps a log; a sum that overflows is never made.
    constexpr std::int64_t most = 1'000'000;
    const auto unit = text.empty()         ? seconds{0}
                      : text.back() == 's' ? seconds{1}
                      : text.back() == 'm' ? seconds{60}
                      : text.back() == 'h' ? seconds{3600}
                      : text.back() == 'd' ? seconds{86400}
                                           : seconds{0};
    const auto number =
        text.empty() ? std::nullopt : parse_number<std::int64_t>(text.substr(0, text.size() - 1));
    if (unit > seconds{0} && number && *number >= 0 && *number <= most) {
        return now - unit * *number;
    }
    return parse_rfc3339(text);
}

} // namespace gw
