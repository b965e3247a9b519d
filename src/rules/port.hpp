/// The port of a profile's gateway.
#pragma once

#include "base/profile_name.hpp"

#include <cstdint>
#include <optional>
#include <set>

namespace gw {

inline constexpr std::uint16_t first_port = 9200;
inline constexpr std::uint16_t end_of_ports = 9800; ///< one past the last

/// SHA-256 of the name, its first eight bytes as a big-endian number, modulo the range; the next
/// free one when another profile has it (field reports #80310, #97586: every profile bound the same
/// port). nullopt when all are taken.
std::optional<std::uint16_t> choose_port(const ProfileName& profile,
                                         const std::set<std::uint16_t>& taken);

/// The port that a profile has where nobody is in its way.
inline std::optional<std::uint16_t> natural_port(const ProfileName& profile) {
    return choose_port(profile, {});
}

} // namespace gw
