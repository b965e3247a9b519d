/// Base64 of RFC 4648, padded: how bytes travel in JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gw {

std::string to_base64(std::string_view bytes);

/// nullopt for anything but whole groups of the alphabet.
std::optional<std::string> from_base64(std::string_view text);

} // namespace gw
