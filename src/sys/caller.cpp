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

std::optional<std::uint32_t> login_uid() {
    const auto self = Directory::open("/proc/self");
    const auto told = self ? read_file(*self, "loginuid", longest_number).bytes : std::string();
    const auto uid = parse_number<std::uint32_t>(trimmed(told));
    if (uid && *uid != no_login) {
        return uid;
    }
    const auto sudo = ::getuid() == 0 ? environment("SUDO_UID") : std::nullopt;
    return sudo ? parse_number<std::uint32_t>(trimmed(*sudo)) : std::nullopt;
}

Caller settle() {
    Caller who{::getuid(), login_uid()};
    if (who.login_uid == who.uid) {
        who.login_uid.reset();
    }
    return who;
}

Author with_names(const Caller& who) {
    Author author;
    author.uid = who.uid;
    author.user = user_name_of(who.uid);
    if (who.login_uid) {
        author.login_uid = *who.login_uid;
        author.login_user = user_name_of(*who.login_uid);
    }
    return author;
}

} // namespace

const Caller& caller() {
    static const Caller who = settle();
    return who;
}

const Author& author() {
    static const Author who = with_names(caller());
    return who;
}

} // namespace gw::sys
