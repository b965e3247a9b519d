/// Users and groups of the image. Read from the files, not through NSS: the binary is static.
#pragma once

#include "base/account.hpp"
#include "base/error.hpp"

#include <optional>
#include <string>

namespace gw::sys {

/// The account with this uid: its gid, home and supplementary groups from /etc/passwd and
/// /etc/group; an uid without an entry has `fallback_gid`, `fallback_home` and no groups. Where
/// that gid would be root's, it is the number of the uid: nobody gets root's group from the group
/// of a directory.
Account account_of(std::uint32_t uid, std::uint32_t fallback_gid, const std::string& fallback_home);

/// The account of a name in /etc/passwd, or of `UID` or `UID:GID`. Errc::bad_config when there is
/// none of that name.
Result<Account> account_named(const std::string& name, const std::string& fallback_home);

/// The name that /etc/passwd has for an uid; empty where there is none.
std::string user_name_of(std::uint32_t uid);

/// The account that this process has.
Account own_account(const std::string& fallback_home);

/// False for the number by which a user namespace shows everybody whom it does not map
/// (user_namespaces(7), "Unmapped user and group IDs").
bool is_known_uid(std::uint32_t uid);

/// Becomes that account for good: groups, gid, uid. Only root can; anybody else gets an error.
Result<void> become(const Account& account);

/// Whether programs that this one becomes may gain privileges (setuid, file capabilities).
enum class NewPrivileges { allowed, forbidden };

/// For a process that is not root: gives up every capability that it may still hold (ambient ones
/// of a container engine), for good.
Result<void> give_up_capabilities(NewPrivileges new_privileges);

/// Acts as that account on files, until a RootAgain: where root has to command the supervisor too
/// (the system's systemd), and must neither read nor write the volume with root's rights.
Result<void> act_as(const Account& account);

/// While it lives, a root that acts as somebody else is root. For everybody else nothing changes.
class RootAgain {
  public:
    RootAgain();
    ~RootAgain();
    RootAgain(const RootAgain&) = delete;
    RootAgain& operator=(const RootAgain&) = delete;

  private:
    std::optional<Account> acted_as_;
};

std::uint32_t effective_uid();
std::uint32_t effective_gid();

} // namespace gw::sys
