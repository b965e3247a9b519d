/// Users and groups of the image. Read from the files, not through NSS: the binary is static.
#pragma once

#include "base/account.hpp"
#include "base/error.hpp"

namespace gw::sys {

/// The account with this uid: its home and supplementary groups from /etc/passwd and /etc/group; an
/// uid without an entry has `fallback_home` and no groups.
Account account_of(std::uint32_t uid, std::uint32_t gid, const std::string& fallback_home);

/// Becomes that account for good: groups, gid, uid. Only root can; anybody else gets an error.
Result<void> become(const Account& account);

std::uint32_t effective_uid();
std::uint32_t effective_gid();

} // namespace gw::sys
