/// Who typed a command, as intents and markers record it. Pure.
#pragma once

#include "base/json_object.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// Nothing is known of one of whom no record tells.
struct Author {
    std::optional<std::int64_t> uid;
    std::string user; ///< in /etc/passwd; may be empty
    /// Who he was before he became that user, by sudo or at his login.
    std::optional<std::int64_t> login_uid;
    std::string login_user;
    friend bool operator==(const Author&, const Author&) = default;
};

/// Keys `uid`, `user`, `login_uid`, `login_user`, each behind the prefix; what is not known has
/// none.
void add_author(Json& record, std::string_view prefix, const Author& author);
Author author_field(const Json& record, std::string_view prefix);

/// "uid 0 root, login 1000 ann"; not printable yet.
std::string to_text(const Author& author);

} // namespace gw
