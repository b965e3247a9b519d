/// Who typed the command: what is recorded as the author of an intent, whatever account the process
/// has become since.
#pragma once

#include "rules/author.hpp"

#include <cstdint>

namespace gw::sys {

struct Caller {
    std::uint32_t uid = 0; ///< real uid, before any change of user
};

/// Settled by the first call, which is the first thing that main does.
const Caller& caller();

/// The caller, and who logged in where that is another one, with the names that /etc/passwd has.
const Author& author();

} // namespace gw::sys
