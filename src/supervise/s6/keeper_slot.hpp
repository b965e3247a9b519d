/// The service that has this member's share in the volume, in the scandir beside the slots.
#pragma once

#include "rules/slot_files.hpp"
#include "supervise/s6/scandir.hpp"
#include "sys/effects.hpp"

#include <vector>

namespace gw::supervise {

/// Its files; empty when it is not there.
SlotContent keeper_content(const Scandir& scandir);

/// Makes it, or makes it agree: under a dot name first, as a slot.
Result<void> write_keeper(sys::Effects& effects, const Scandir& scandir,
                          const std::vector<SlotFile>& files);

/// Has a live s6-svscan take it up, brings it up, and waits until it has its share (or waits for
/// the volume itself, of which it tells at once).
Result<void> raise_keeper(sys::Effects& effects, const Scandir& scandir);

} // namespace gw::supervise
