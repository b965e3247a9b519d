#include "core/moment.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace gw {

using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::seconds;

std::string to_rfc3339(WallTime time) {
    const auto whole = floor<seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}+00:00",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(whole)),
                       (time - whole).count());
}

std::string to_compact_utc(WallTime time) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(floor<seconds>(time))));
}

namespace {

/// The digits after the decimal point as microseconds; consumes them.
std::optional<microseconds> take_fraction(std::string_view& rest) {
    if (rest.empty() || rest.front() != '.') {
        return microseconds{0};
    }
    rest.remove_prefix(1);
    std::int64_t value = 0;
    int digits = 0;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
        if (digits < 6) {
            value = value * 10 + (rest.front() - '0');
        }
        ++digits;
        rest.remove_prefix(1);
    }
    if (digits == 0) {
        return std::nullopt;
    }
    for (int i = digits; i < 6; ++i) {
        value *= 10;
    }
    return microseconds{value};
}

std::optional<seconds> parse_offset(std::string_view text) {
    if (text == "Z" || text == "z") {
        return seconds{0};
    }
    int hours = 0;
    int minutes = 0;
    int used = 0;
    const std::string copy(text);
    // NOLINTNEXTLINE(cert-err34-c): the width bounds each number to two digits
    if (copy.size() != 6 ||
        std::sscanf(copy.c_str() + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || used != 5 ||
        (copy[0] != '+' && copy[0] != '-')) {
        return std::nullopt;
    }
    const seconds offset{hours * 3600 + minutes * 60};
    return copy[0] == '-' ? -offset : offset;
}

} // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    constexpr std::size_t whole_length = std::string_view("2026-11-20T23:45:25").size();
    if (text.size() <= whole_length) {
        return std::nullopt;
    }
    std::tm parts{};
    const std::string head(text.substr(0, whole_length));
    const char* end = strptime(head.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (end == nullptr || *end != '\0') {
        return std::nullopt;
    }
    std::string_view rest = text.substr(whole_length);
    const auto fraction = take_fraction(rest);
    const auto offset = fraction ? parse_offset(rest) : std::nullopt;
    if (!offset) {
        return std::nullopt;
    }
    return WallTime(std::chrono::seconds(timegm(&parts)) + *fraction - *offset);
}

} // namespace gw
