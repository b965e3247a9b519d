#include "sys/accounts.hpp"

#include "sys/errno_error.hpp"

#include <cerrno>
#include <cstdio>
#include <grp.h>
#include <memory>
#include <pwd.h>
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

} // namespace

Account account_of(std::uint32_t uid, std::uint32_t gid, const std::string& fallback_home) {
    Account account{uid, gid, {}, fallback_home};
    std::string user;
    // NOLINTBEGIN(concurrency-mt-unsafe): read once, before any thread
    if (const File passwd{std::fopen("/etc/passwd", "re")}) {
        while (const ::passwd* entry = ::fgetpwent(passwd.get())) {
            if (entry->pw_uid == uid) {
                user = entry->pw_name;
                account.home = entry->pw_dir;
                break;
            }
        }
    }
    if (const File groups{std::fopen("/etc/group", "re")}; groups && !user.empty()) {
        while (const ::group* entry = ::fgetgrent(groups.get())) {
            if (lists_member(*entry, user)) {
                account.groups.push_back(entry->gr_gid);
            }
        }
    }
    // NOLINTEND(concurrency-mt-unsafe)
    return account;
}

Result<void> become(const Account& account) {
    if (::setgroups(account.groups.size(), account.groups.data()) != 0 ||
        ::setgid(account.gid) != 0 || ::setuid(account.uid) != 0) {
        return fail_errno(errno, "cannot become uid " + std::to_string(account.uid));
    }
    return {};
}

std::uint32_t effective_uid() {
    return ::geteuid();
}

std::uint32_t effective_gid() {
    return ::getegid();
}

} // namespace gw::sys
