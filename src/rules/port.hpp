/// The port of a profile's gateway, and where ports are taken from.
#pragma once

#include "base/profile_name.hpp"

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0; ///< inclusive; not below `first`
    friend bool operator==(const PortRange&, const PortRange&) = default;
};

/// In the order in which they are filled.
using PortRanges = std::vector<PortRange>;

/// The field's 600 ports; then, for the profiles that find no place there, ports below those that
/// Linux gives to outgoing connections (32768 and above).
inline const PortRanges default_port_ranges = {{9200, 9799}, {20000, 29999}};

/// "9200-9799, 20000-29999"; a single port is a range of one. nullopt for what is none: a port
/// outside of 1 to 65535, a range that ends before it begins, a word.
std::optional<PortRanges> parse_port_ranges(std::string_view text);
/// As `parse_port_ranges` reads it.
std::string to_string(const PortRanges& ranges);

/// One bit for each port.
using TakenPorts = std::bitset<65536>;

/// The first range that has one left gives it: SHA-256 of the name, its first eight bytes as a
/// big-endian number, modulo the size of the range; the next free one when another profile has it
/// (field reports #80310, #97586: every profile bound the same port). nullopt when all are taken.
std::optional<std::uint16_t> choose_port(const ProfileName& profile, const TakenPorts& taken,
                                         const PortRanges& ranges);

/// Why there is none left.
std::string no_port_in(const PortRanges& ranges);

/// Whether the profile would get this port of its range with nobody in its way: of two profiles
/// that have the same one, the other is the copy.
bool leads_to(const ProfileName& profile, std::uint16_t port, const PortRanges& ranges);

} // namespace gw
