#include "sys/accounts.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "sys/errno_error.hpp"
#include "sys/log.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <grp.h>
#include <linux/capability.h>
#include <memory>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gw::sys {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

bool lists_member(const group& entry, const std::string& user) {
    for (char** member = entry.gr_mem; *member != nullptr; ++member) {
        if (user == *member) {
            return true;
        }
    }
    return false;
}

/// The entry of /etc/passwd that `wanted` answers true to.
template <class Wanted> std::optional<Account> find_entry(const Wanted& wanted, std::string& user) {
    // NOLINTBEGIN(concurrency-mt-unsafe): read once, before any thread
    const File passwd{std::fopen("/etc/passwd", "re")};
    while (const ::passwd* entry = passwd ? ::fgetpwent(passwd.get()) : nullptr) {
        if (wanted(*entry)) {
            user = entry->pw_name;
            return Account{entry->pw_uid, entry->pw_gid, {}, entry->pw_dir};
        }
    }
    // NOLINTEND(concurrency-mt-unsafe)
    return std::nullopt;
}

/// The groups of which /etc/group says that he is a member.
std::vector<std::uint32_t> groups_of(const std::string& user) {
    std::vector<std::uint32_t> numbers;
    // NOLINTBEGIN(concurrency-mt-unsafe): as above
    const File groups{user.empty() ? nullptr : std::fopen("/etc/group", "re")};
    while (const ::group* entry = groups ? ::fgetgrent(groups.get()) : nullptr) {
        if (lists_member(*entry, user)) {
            numbers.push_back(entry->gr_gid);
        }
    }
    // NOLINTEND(concurrency-mt-unsafe)
    return numbers;
}

std::string first_line(const char* path) {
    std::array<char, 128> text{};
    const File file{std::fopen(path, "re")};
    return file && std::fgets(text.data(), text.size(), file.get()) != nullptr
               ? std::string(trimmed(text.data()))
               : std::string();
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
    std::string user;
    const auto found =
        find_entry([uid](const ::passwd& entry) { return entry.pw_uid == uid; }, user);
    Account account =
        found.value_or(Account{uid, fallback_gid == 0 ? uid : fallback_gid, {}, fallback_home});
    account.groups = groups_of(user);
    return account;
}

Result<Account> account_named(const std::string& name, const std::string& fallback_home) {
    std::string user;
    auto found = find_entry([&name](const ::passwd& entry) { return name == entry.pw_name; }, user);
    if (found) {
        found->groups = groups_of(user);
        return std::move(*found);
    }
    if (auto numbers = parse_numbers(name, fallback_home)) {
        return std::move(*numbers);
    }
    return fail(Errc::bad_config, "there is no account '" + printable(name) + "' in /etc/passwd",
                "name one that the image has, or give its numbers: UID:GID");
}

std::string user_name_of(std::uint32_t uid) {
    std::string user;
    (void)find_entry([uid](const ::passwd& entry) { return entry.pw_uid == uid; }, user);
    return user;
}

Account own_account(const std::string& fallback_home) {
    Account account = account_of(::geteuid(), ::getegid(), fallback_home);
    account.gid = ::getegid();
    return account;
}

bool is_known_uid(std::uint32_t uid) {
    constexpr std::string_view whole = "4294967295";
    if (first_line("/proc/self/uid_map").ends_with(whole)) {
        return true;
    }
    constexpr std::uint32_t customary = 65534;
    return uid != parse_number<std::uint32_t>(first_line("/proc/sys/kernel/overflowuid"))
                      .value_or(customary);
}

Result<void> become(const Account& account) {
    if (::setgroups(account.groups.size(), account.groups.data()) != 0 ||
        ::setgid(account.gid) != 0 || ::setuid(account.uid) != 0) {
        return refuse_to_change(account);
    }
    return {};
}

Result<void> give_up_capabilities(NewPrivileges new_privileges) {
    if (new_privileges == NewPrivileges::forbidden &&
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail_errno(errno, "cannot forbid new privileges");
    }
    if (::geteuid() == 0) {
        return {};
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
        ::syscall(SYS_capset, &header, none.data()) != 0) {
        return fail_errno(errno, "cannot give up capabilities");
    }
    return {};
}

Result<void> act_as(const Account& account) {
    if (::setgroups(account.groups.size(), account.groups.data()) != 0 ||
        ::setegid(account.gid) != 0 || ::seteuid(account.uid) != 0) {
        return refuse_to_change(account);
    }
    return {};
}

RootAgain::RootAgain() {
    if (::getuid() == 0 && ::geteuid() != 0) {
        acted_as_ = own_account({});
        const gid_t roots = 0;
        if (::seteuid(0) != 0 || ::setegid(0) != 0 || ::setgroups(1, &roots) != 0) {
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
