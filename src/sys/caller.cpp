#include "sys/caller.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "sys/accounts.hpp"
#include "sys/directory.hpp"
#include "sys/self.hpp"

#include <unistd.h>

namespace gw::sys {

namespace {

constexpr std::uint32_t no_login = UINT32_MAX; // of a process that no login has begun
constexpr std::size_t longest_number = 64;

/// Who logged in, or called sudo, where that is another one: /proc/self/loginuid, which the kernel
/// vouches for, else SUDO_UID, which root has from sudo.
std::optional<std::uint32_t> login_uid(const Caller& who) {
    const auto self = Directory::open("/proc/self");
    const auto told = self ? read_file(*self, "loginuid", longest_number).bytes : std::string();
    const auto sudo = who.uid == 0 ? environment("SUDO_UID") : std::nullopt;
    for (const auto& word : {told, sudo.value_or(std::string())}) {
        const auto uid = parse_number<std::uint32_t>(trimmed(word));
        if (uid && *uid != no_login) {
            return uid != who.uid ? uid : std::nullopt;
        }
    }
    return std::nullopt;
}

Author with_names(const Caller& who) {
    Author author;
    author.uid = who.uid;
    author.user = user_name_of(who.uid);
    if (const auto login = login_uid(who)) {
        author.login_uid = *login;
        author.login_user = user_name_of(*login);
    }
    return author;
}

} // namespace

const Caller& caller() {
    static const Caller who{::getuid()};
    return who;
}

const Author& author() {
    static const Author who = with_names(caller());
    return who;
}

} // namespace gw::sys
