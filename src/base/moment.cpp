#include "base/moment.hpp"

#include <cstdint>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace gw {

using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::seconds;

namespace {
/// system_clock::to_time_t would go through nanoseconds, which end in the year 2262.
std::time_t to_time_t(std::chrono::sys_seconds time) {
    return time.time_since_epoch().count();
}
} // namespace

std::string to_rfc3339(WallTime time) {
    const auto whole = floor<seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}+00:00", fmt::gmtime(to_time_t(whole)),
                       (time - whole).count());
}

WallTime from_utc(const std::tm& broken_down) {
    auto normalised = broken_down;
    return std::chrono::time_point_cast<WallTime::duration>(
        std::chrono::system_clock::from_time_t(timegm(&normalised)));
}

std::string to_compact_utc(WallTime time) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(to_time_t(floor<seconds>(time))));
}

namespace {

/// Reads from the front of a text, one piece after the other.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool take(char expected) {
        if (rest_.empty() || rest_.front() != expected) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    std::optional<int> digit() {
        if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
            return std::nullopt;
        }
        const int value = rest_.front() - '0';
        rest_.remove_prefix(1);
        return value;
    }

    /// Exactly `digits` digits with a value of at most `largest`.
    std::optional<int> number(int digits, int largest) {
        int value = 0;
        for (int i = 0; i < digits; ++i) {
            const auto next = digit();
            if (!next) {
                return std::nullopt;
            }
            value = value * 10 + *next;
        }
        return value <= largest ? std::optional(value) : std::nullopt;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

std::optional<std::chrono::sys_days> take_date(Reader& in) {
    const auto year = in.number(4, 9999);
    const auto month = year && in.take('-') ? in.number(2, 12) : std::nullopt;
    const auto day = month && in.take('-') ? in.number(2, 31) : std::nullopt;
    if (!day) {
        return std::nullopt;
    }
    const auto date = std::chrono::year(*year) / *month / *day;
    return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

/// Hours and minutes, as in a time of day and in an offset.
std::optional<seconds> take_hours_and_minutes(Reader& in) {
    const auto hours = in.number(2, 23);
    const auto minutes = hours && in.take(':') ? in.number(2, 59) : std::nullopt;
    return minutes
               ? std::optional<seconds>(std::chrono::hours(*hours) + std::chrono::minutes(*minutes))
               : std::nullopt;
}

std::optional<seconds> take_time_of_day(Reader& in) {
    constexpr int leap_second = 60;
    const auto minutes = take_hours_and_minutes(in);
    const auto rest = minutes && in.take(':') ? in.number(2, leap_second) : std::nullopt;
    return rest ? std::optional(*minutes + seconds(*rest)) : std::nullopt;
}

/// The digits after the decimal point; those beyond a microsecond are dropped.
std::optional<microseconds> take_fraction(Reader& in) {
    if (!in.take('.')) {
        return microseconds{0};
    }
    std::int64_t value = 0;
    std::int64_t unit = std::micro::den / 10;
    auto next = in.digit();
    if (!next) {
        return std::nullopt;
    }
    for (; next; next = in.digit()) {
        value += *next * unit;
        unit /= 10;
    }
    return microseconds{value};
}

std::optional<seconds> take_offset(Reader& in) {
    if (in.take('Z') || in.take('z')) {
        return seconds{0};
    }
    const bool west = in.take('-');
    if (!west && !in.take('+')) {
        return std::nullopt;
    }
    const auto offset = take_hours_and_minutes(in);
    return offset && west ? std::optional(-*offset) : offset;
}

} // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    Reader in(text);
    const auto date = take_date(in);
    const auto time = date && in.take('T') ? take_time_of_day(in) : std::nullopt;
    const auto fraction = time ? take_fraction(in) : std::nullopt;
    const auto offset = fraction ? take_offset(in) : std::nullopt;
    if (!offset || !in.at_end()) {
        return std::nullopt;
    }
    const WallTime utc(*date + *time + *fraction - *offset);
    // An offset or a leap second can leave the years that have four digits.
    const auto year = std::chrono::year_month_day(floor<std::chrono::days>(utc)).year();
    return year >= std::chrono::year(0) && year <= std::chrono::year(9999) ? std::optional(utc)
                                                                           : std::nullopt;
}

} // namespace gw
