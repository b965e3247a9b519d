/// Files of a service in the scandir that is no profile's slot, and of `.s6-svscan` itself.
#pragma once

#include "rules/slot_files.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <vector>

namespace gw::supervise {

/// Each by itself, atomically: what is there and is not among them stays.
Result<void> replace_files(sys::Effects& effects, const sys::Directory& service,
                           const std::vector<SlotFile>& files);

} // namespace gw::supervise
