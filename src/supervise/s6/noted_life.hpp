/// The note that a slot's `run` leaves beside itself before it becomes the gateway: its own line of
/// /proc/<pid>/stat. A killed s6-supervise leaves its gateway alive, and nothing that lives knows
/// of it then.
#pragma once

#include "supervise/s6/scandir.hpp"

#include <optional>

namespace gw::supervise {

/// The note's name in the slot, as s6-templates/run writes it.
inline constexpr const char* life_note = "life";

/// The process that was noted last, while it lives and is not the one that is `known`.
std::optional<ProcessIdentity> noted_life(const Scandir& scandir, const ProfileName& profile,
                                          const std::optional<ProcessIdentity>& known);

} // namespace gw::supervise
