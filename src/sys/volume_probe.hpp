/// What a volume cannot do, found out by trying it.
#pragma once

#include "base/error.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <vector>

namespace gw::sys {

/// See Effects::probe_volume.
Result<std::vector<Incapacity>> probe_volume(const Directory& at);

} // namespace gw::sys
