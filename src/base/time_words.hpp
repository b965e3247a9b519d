/// Times in words for people.
#pragma once

#include "base/moment.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// RFC 3339 in UTC, of seconds since the epoch.
std::string utc_text(std::int64_t since_epoch);

/// 42 s, 5 min, 3 h, 12 d: one unit, the largest that fits; nothing is negative.
std::string span_text(std::chrono::seconds span);

/// A span as systemd prints it: "1min 30s", "4min", "500ms"; parts of a second are cut. nullopt:
/// none, or "infinity".
std::optional<std::chrono::seconds> parse_span(std::string_view text);

/// A moment as people type it: "90s", "10m", "2h", "3d" before `now`, or RFC 3339. nullopt:
/// neither.
std::optional<WallTime> parse_past(std::string_view text, WallTime now);

} // namespace gw
