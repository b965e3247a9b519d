#include "base/time_words.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
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

namespace {

struct Unit {
    std::string_view word;
    std::chrono::milliseconds length;
};
/// systemd.time(7); it prints no others.
constexpr std::array<Unit, 9> units = {{
    {"us", std::chrono::milliseconds{0}},
    {"ms", std::chrono::milliseconds{1}},
    {"s", std::chrono::seconds{1}},
    {"min", std::chrono::minutes{1}},
    {"h", std::chrono::hours{1}},
    {"d", std::chrono::hours{24}},
    {"w", std::chrono::hours{24 * 7}},
    {"month", std::chrono::seconds{2629800}},
    {"y", std::chrono::seconds{31557600}},
}};

std::optional<std::chrono::milliseconds> parse_part(std::string_view part) {
    const auto digits = std::min(part.find_first_not_of("0123456789."), part.size());
    const auto number = leading_number<std::int64_t>(part); // of "1.5s" the whole seconds
    const auto* const unit = std::find_if(units.begin(), units.end(), [&](const Unit& each) {
        return each.word == part.substr(digits);
    });
    constexpr std::int64_t most = 1'000'000'000;
    return number && *number >= 0 && *number <= most && unit != units.end()
               ? std::optional(unit->length * *number)
               : std::nullopt;
}

} // namespace

std::optional<std::chrono::seconds> parse_span(std::string_view text) {
    const auto parts = words_of(text);
    std::chrono::milliseconds sum{0};
    for (const auto part : parts) {
        const auto length = parse_part(part);
        if (!length) {
            return std::nullopt;
        }
        sum += *length;
    }
    return parts.empty() ? std::nullopt
                         : std::optional(std::chrono::floor<std::chrono::seconds>(sum));
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
