/// Names on the volume, or typed, that no gateway is behind. Reads only.
#pragma once

#include "base/finding.hpp"
#include "inspect/viewpoint.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::inspect {

/// What is wrong with an entry that looks like a profile and cannot be one, and what makes it one.
Finding invalid_finding(const store::Home& home, const InvalidProfile& invalid);

/// The same of a name that somebody has typed; nullopt where there is no such entry.
std::optional<Finding> stranger(const Viewpoint& from, const std::string& name);

} // namespace gw::inspect
