/// Who typed the command: what is recorded as the author of an intent, whatever account the process
/// has become since.
#pragma once

#include <cstdint>

namespace gw::sys {

struct Caller {
    std::uint32_t uid = 0; ///< real uid, before any change of user
};

/// Settled by the first call, which is the first thing that main does.
const Caller& caller();

} // namespace gw::sys
