/// Boots and lives, read back: what every gateway was, over time. Reads only.
#pragma once

#include "base/profile_name.hpp"
#include "rules/timeline.hpp"
#include "store/home.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gw::inspect {

/// A pass over the volume at the start of a container or machine.
struct Boot {
    WallTime at{};
    std::size_t started = 0;
    std::size_t profiles = 0;
    bool failed = false;
};

struct GatewayHistory {
    ProfileName profile = ProfileName::root();
    std::vector<Span> spans;
};

struct History {
    WallTime from{}; ///< the first thing that was recorded
    WallTime to{};   ///< now
    std::vector<Boot> boots;
    std::vector<GatewayHistory> gateways;
};

/// Of these profiles; empty: of all that have a history.
History read_history(const store::Home& home, std::span<const ProfileName> profiles, WallTime now);

} // namespace gw::inspect
