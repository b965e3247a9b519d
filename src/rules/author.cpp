#include "rules/author.hpp"

#include "base/json_fields.hpp"

namespace gw {

namespace {

std::string key(std::string_view prefix, std::string_view name) {
    return std::string(prefix) + std::string(name);
}

std::string with_name(std::int64_t uid, const std::string& name) {
    return std::to_string(uid) + (name.empty() ? "" : " " + name);
}

} // namespace

void add_author(Json& record, std::string_view prefix, const Author& author) {
    const auto add = [&](std::string_view number_key, const std::optional<std::int64_t>& uid,
                         std::string_view name_key, const std::string& name) {
        if (uid) {
            record[key(prefix, number_key)] = *uid;
        }
        if (!name.empty()) {
            record[key(prefix, name_key)] = name;
        }
    };
    add("uid", author.uid, "user", author.user);
    add("login_uid", author.login_uid, "login_user", author.login_user);
}

Author author_field(const Json& record, std::string_view prefix) {
    return {number_field<std::int64_t>(record, key(prefix, "uid").c_str()),
            text_field(record, key(prefix, "user").c_str()),
            number_field<std::int64_t>(record, key(prefix, "login_uid").c_str()),
            text_field(record, key(prefix, "login_user").c_str())};
}

std::string to_text(const Author& author) {
    std::string text = author.uid ? "uid " + with_name(*author.uid, author.user) : "uid unknown";
    if (author.login_uid) {
        text += ", login " + with_name(*author.login_uid, author.login_user);
    }
    return text;
}

} // namespace gw
