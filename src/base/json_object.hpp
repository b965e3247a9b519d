/// JSON from the volume: it may be hostile, so size and depth are capped before anything is built.
#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// Keeps the order of keys, so that a file that is written back looks as its owner left it.
using Json = nlohmann::ordered_json;

/// Largest file that is read as JSON, in bytes. Recorded state files are below 1 KiB; ten thousand
/// platforms would still fit.
inline constexpr std::size_t max_json_bytes = std::size_t{1} << 20U;
/// Deepest nesting accepted. Recorded files use 4.
inline constexpr int max_json_depth = 64;

/// Parses one JSON object, in a time that is linear in its bytes; of a key that is there twice the
/// last value counts. A UTF-8 byte order mark is tolerated. Errc::corrupt with the reason for
/// anything else: another type, trailing bytes, invalid UTF-8, too deep, too large.
Result<Json> parse_json_object(std::string_view bytes, std::size_t limit = max_json_bytes);

/// Words that may come from the volume, printable; null where there are none.
Json words_or_null(const std::string& words);
Json words_or_null(const std::optional<std::string>& words);

/// One line and a newline, without throwing: text that is not UTF-8 is replaced.
std::string to_json_line(const Json& value);

/// The same for a file that `parse_json_object` must be able to read again: Errc::unsupported when
/// it would be larger than that reads.
Result<std::string> to_json_file(const Json& value);

} // namespace gw
