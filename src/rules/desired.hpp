/// What is wanted of each profile: up or down, and the service that it is to have. Pure.
#pragma once

#include "base/finding.hpp"
#include "rules/decision.hpp"
#include "rules/port.hpp"
#include "rules/slot_spec.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gw {

/// What is known about one profile before anything is decided.
struct KnownProfile {
    ProfileName name = ProfileName::root();
    ProfileFacts facts;
    SlotSpec spec; ///< without `starts`, and without a port when none is kept for it yet
    /// False when what is kept for the service (port, environment), or the configuration, could not
    /// be read: a slot that is there is made of them, and is not replaced by less.
    bool settings_known = true;
};

/// What is wanted of one profile.
struct DesiredProfile {
    Decision decision;
    std::optional<std::uint16_t> port;
    /// A profile that was never registered has got this port, which is to be kept with it.
    std::optional<std::uint16_t> port_to_keep;
};

struct Desired {
    std::vector<DesiredProfile> profiles; ///< in the order of the known ones
    std::vector<Finding> findings;
};

/// What the slot is rendered from. `known` is of the same profile.
SlotSpec wanted_spec(SlotSpec known, const DesiredProfile& wanted);

/// Whether this container may write what lies on the volume.
bool may_write_volume(const ContainerFacts& container);

/// Decides for every profile, and gives a port of these ranges to each one that has none of its
/// own. Of two with the same port (one is a copy of the other) that one keeps it whose name leads
/// to it, else the first.
Desired desire(const ContainerFacts& container, std::span<const KnownProfile* const> profiles,
               const PortRanges& ranges = default_port_ranges);

} // namespace gw
