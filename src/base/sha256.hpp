/// SHA-256, for names that must be stable and short.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace gw {

inline constexpr std::size_t sha256_bytes = 32;

std::array<unsigned char, sha256_bytes> sha256(std::string_view bytes);

} // namespace gw
