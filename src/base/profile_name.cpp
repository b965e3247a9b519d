#include "base/profile_name.hpp"

#include "base/text.hpp"

namespace gw {

namespace {
constexpr bool is_inner(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}
} // namespace

Result<ProfileName> ProfileName::parse(std::string_view text) {
    const auto invalid = [&](const std::string& why) {
        return fail(Errc::usage, "invalid profile name '" + printable(text) + "': " + why,
                    "use 1 to " + std::to_string(max_length) +
                        " of a-z, 0-9, '_' and '-', the first a letter or digit");
    };
    if (text.empty()) {
        return invalid("it is empty");
    }
    if (text.size() > max_length) {
        return invalid("it has " + std::to_string(text.size()) + " characters, more than " +
                       std::to_string(max_length));
    }
    for (const char c : text) {
        if (!is_inner(c)) {
            return invalid("character '" + printable(std::string_view(&c, 1)) + "' is not allowed");
        }
    }
    if (text.front() == '-' || text.front() == '_') {
        return invalid("it must begin with a letter or a digit");
    }
    return ProfileName(std::string(text));
}

ProfileName ProfileName::root() {
    return ProfileName(std::string(root_text));
}

Result<ProfileName> profile_of_slot(std::string_view slot) {
    if (!slot.starts_with(ProfileName::slot_prefix)) {
        return fail(Errc::usage, "'" + printable(slot) + "' is not the name of a gateway's slot");
    }
    return ProfileName::parse(slot.substr(ProfileName::slot_prefix.size()));
}

} // namespace gw
