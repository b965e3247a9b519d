/// Which member of a fleet runs which gateway. Pure, and the same wherever it is asked: whole
/// numbers only, because logarithms of one floating-point unit are not those of another.
///
/// Weighted rendezvous hashing with two bounds. Each pair of member and gateway has a cost, by a
/// hash of the two names and the member's capacity; a gateway goes to the member that is cheapest
/// for it, unless that one has as much as it may and all that it has is cheaper. As the cost is the
/// same for both sides there is exactly one such placement, whatever the order in which anything is
/// looked at. Then who has less than the lower bound gets what is cheapest for it, of those that
/// have more, one member after the other by name. Without bounds the fullest of 100 members would
/// have 28 % more than its share of 10,000; with them a member that joins or leaves moves little
/// more than what is its own (docs/scale.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gw {

/// One that lives.
struct FleetMember {
    std::string name;
    std::uint32_t capacity = 1; ///< its weight beside the others'; 0: it gets nothing
    bool cordoned = false;      ///< it keeps what it has and gets nothing new, but by a pin
    bool draining = false;      ///< it is to lose what it has
};

struct FleetGateway {
    std::string profile;
    std::string holder{}; ///< the member that has its place now; empty: none
    std::string pinned{}; ///< the member to which somebody has moved it; empty: none
};

/// Each member has its share, by capacity, to within a tenth of it (and a gateway is a whole one).
inline constexpr std::uint64_t most_tenths = 11;
inline constexpr std::uint64_t least_tenths = 9;

/// For each gateway the index of its member. First match wins:
///
/// | # | the gateway                                        | its member                      |
/// |---|----------------------------------------------------|---------------------------------|
/// | 1 | is pinned to a member that lives and does not drain| that one                        |
/// | 2 | is held by a member that is cordoned, not draining | that one                        |
/// | 3 | any other                                          | by hash, of those that are      |
/// |   |                                                    | neither cordoned nor draining   |
/// | 4 | there is none of those                             | nullopt: it stays where it is   |
std::vector<std::optional<std::size_t>> place(std::span<const FleetMember> members,
                                              std::span<const FleetGateway> gateways);

} // namespace gw
