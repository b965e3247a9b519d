/// Numbers with a point, whatever the locale. libc++ of macOS has no from_chars for them.
#pragma once

#include <optional>
#include <string_view>

namespace gw {

/// The whole text as std::from_chars reads it; nullopt for anything else.
std::optional<double> parse_decimal(std::string_view text);

} // namespace gw
