#include "sys/accounts.hpp"

#include "sys/platform.hpp"

#include <array>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

namespace gw::sys {

namespace {

/// Users are not in /etc/passwd but in the directory service, which these calls ask.
std::optional<platform::Entry> to_entry(const ::passwd* found) {
    return found == nullptr ? std::nullopt
                            : std::optional(platform::Entry{found->pw_name, found->pw_uid,
                                                            found->pw_gid, found->pw_dir});
}

} // namespace

namespace platform {

std::optional<Entry> account_entry(std::uint32_t uid) {
    return to_entry(::getpwuid(uid)); // NOLINT(concurrency-mt-unsafe): read once, before any thread
}

std::optional<Entry> account_entry(const std::string& name) {
    return to_entry(::getpwnam(name.c_str())); // NOLINT(concurrency-mt-unsafe): as above
}

std::vector<std::uint32_t> groups_of(const std::string& user) {
    const ::passwd* entry = ::getpwnam(user.c_str()); // NOLINT(concurrency-mt-unsafe): as above
    if (entry == nullptr) {
        return {};
    }
    const gid_t own = entry->pw_gid;
    std::array<int, NGROUPS_MAX> groups{};
    int count = groups.size();
    (void)::getgrouplist(user.c_str(), static_cast<int>(own), groups.data(), &count);
    std::vector<std::uint32_t> numbers;
    for (int i = 0; i < count; ++i) {
        const auto number = static_cast<std::uint32_t>(groups.at(static_cast<std::size_t>(i)));
        if (number != own) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

int set_groups(const std::vector<std::uint32_t>& groups) {
    return ::setgroups(static_cast<int>(groups.size()), groups.data());
}

} // namespace platform

/// There are no user namespaces.
bool is_known_uid(std::uint32_t /*uid*/) {
    return true;
}

/// There are no capabilities, and nothing that forbids new privileges.
Result<void> give_up_capabilities(NewPrivileges /*new_privileges*/) {
    return {};
}

} // namespace gw::sys
