/// Who typed the command: what is recorded as the author of an intent, whatever account the process
/// has become since.
#pragma once

#include "rules/author.hpp"

#include <cstdint>
#include <optional>

namespace gw::sys {

struct Caller {
    std::uint32_t uid = 0; ///< real uid, before any change of user
    /// Who logged in, or called sudo, where that is another one: /proc/self/loginuid, which the
    /// kernel vouches for, else SUDO_UID, which root has from sudo.
    std::optional<std::uint32_t> login_uid;
};

/// Settled by the first call, which is the first thing that main does.
const Caller& caller();

/// The caller with the names that /etc/passwd has for him.
const Author& author();

} // namespace gw::sys
