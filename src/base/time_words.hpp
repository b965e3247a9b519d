/// Times in words for people.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace gw {

/// RFC 3339 in UTC, of seconds since the epoch.
std::string utc_text(std::int64_t since_epoch);

/// 42 s, 5 min, 3 h, 12 d: one unit, the largest that fits; nothing is negative.
std::string span_text(std::chrono::seconds span);

} // namespace gw
