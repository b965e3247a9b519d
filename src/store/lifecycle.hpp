/// `<profile>/state/gateway.lifecycle.json`: how the last life of the gateway ended.
#pragma once

#include "core/decision.hpp"
#include "sys/directory.hpp"

#include <string>

namespace gw::store {

inline constexpr const char* lifecycle_file_name = "state/gateway.lifecycle.json";

struct PriorLife {
    PriorExit exit = PriorExit::unknown;
    std::string detail; ///< "code 1", "signal 9", …; empty when nothing is known
};

/// `phase` running, found at boot: that life died without reaching its end, so it was unclean.
PriorLife read_prior_life(const sys::Directory& profile);

} // namespace gw::store
