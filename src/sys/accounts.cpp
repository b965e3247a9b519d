#include "sys/accounts.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "sys/errno_error.hpp"
#include "sys/log.hpp"
#include "sys/platform.hpp"

#include <cerrno>
#include <cstdlib>
#include <unistd.h>

namespace gw::sys {

namespace {

Account to_account(const platform::Entry& entry) {
    return {entry.uid, entry.gid, platform::groups_of(entry.name), entry.home};
}

/// `UID` or `UID:GID`.
std::optional<Account> parse_numbers(const std::string& text, const std::string& fallback_home) {
    const auto colon = text.find(':');
    const auto uid = parse_number<std::uint32_t>(text.substr(0, colon));
    if (!uid) {
        return std::nullopt;
    }
    Account account = account_of(*uid, *uid, fallback_home);
    if (colon != std::string::npos) {
        const auto gid = parse_number<std::uint32_t>(text.substr(colon + 1));
        if (!gid) {
            return std::nullopt;
        }
        account.gid = *gid;
    }
    return account;
}

Result<void> refuse_to_change(const Account& account) {
    return fail_errno(errno, "cannot become uid " + std::to_string(account.uid));
}

} // namespace

Account account_of(std::uint32_t uid, std::uint32_t fallback_gid,
                   const std::string& fallback_home) {
    if (const auto entry = platform::account_entry(uid)) {
        return to_account(*entry);
    }
    return {uid, fallback_gid == 0 ? uid : fallback_gid, {}, fallback_home};
}

Result<Account> account_named(const std::string& name, const std::string& fallback_home) {
    if (const auto entry = platform::account_entry(name)) {
        return to_account(*entry);
    }
    if (auto numbers = parse_numbers(name, fallback_home)) {
        return std::move(*numbers);
    }
    return fail(Errc::bad_config, "there is no account '" + printable(name) + "' in /etc/passwd",
                "name one that the image has, or give its numbers: UID:GID");
}

std::string user_name_of(std::uint32_t uid) {
    const auto entry = platform::account_entry(uid);
    return entry ? entry->name : std::string();
}

Account own_account(const std::string& fallback_home) {
    Account account = account_of(::geteuid(), ::getegid(), fallback_home);
    account.gid = ::getegid();
    return account;
}

Result<void> become(const Account& account) {
    if (platform::set_groups(account.groups) != 0 || ::setgid(account.gid) != 0 ||
        ::setuid(account.uid) != 0) {
        return refuse_to_change(account);
    }
    return {};
}

Result<void> act_as(const Account& account) {
    if (platform::set_groups(account.groups) != 0 || ::setegid(account.gid) != 0 ||
        ::seteuid(account.uid) != 0) {
        return refuse_to_change(account);
    }
    return {};
}

RootAgain::RootAgain() {
    if (::getuid() == 0 && ::geteuid() != 0) {
        acted_as_ = own_account({});
        if (::seteuid(0) != 0 || ::setegid(0) != 0 || platform::set_groups({0}) != 0) {
            log_warning("cannot be root again: " + errno_error(errno, "seteuid(0)").message);
        }
    }
}

RootAgain::~RootAgain() {
    if (acted_as_ && !act_as(*acted_as_)) {
        // Going on with root's rights would be worse than an end.
        std::abort();
    }
}

std::uint32_t effective_uid() {
    return ::geteuid();
}

std::uint32_t effective_gid() {
    return ::getegid();
}

} // namespace gw::sys
