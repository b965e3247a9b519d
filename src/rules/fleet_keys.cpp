#include "rules/fleet_keys.hpp"

#include "base/json_fields.hpp"

#include <algorithm>

namespace gw {

namespace {

constexpr std::string_view cordon_part = "/cordon/";
constexpr std::string_view drain_part = "/drain/";
constexpr std::string_view place_part = "/places/";
constexpr std::string_view pin_part = "/pins/";
constexpr std::string_view answer_part = "/answers/";

/// The rest of a text that begins with the prefix.
std::optional<std::string> after(const std::string& prefix, const std::string& text) {
    return text.starts_with(prefix) ? std::optional(text.substr(prefix.size())) : std::nullopt;
}

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

} // namespace

std::string FleetKeys::member(std::string_view name) const {
    return members() + std::string(name);
}

std::string FleetKeys::place(std::string_view profile) const {
    return prefix_ + std::string(place_part) + std::string(profile);
}

std::string FleetKeys::pin(std::string_view profile) const {
    return prefix_ + std::string(pin_part) + std::string(profile);
}

std::string FleetKeys::answer(std::string_view id) const {
    return prefix_ + std::string(answer_part) + std::string(id);
}

std::string FleetKeys::cordon(std::string_view name) const {
    return prefix_ + std::string(cordon_part) + std::string(name);
}

std::string FleetKeys::drain(std::string_view name) const {
    return prefix_ + std::string(drain_part) + std::string(name);
}

std::string to_value(const MemberRecord& member) {
    const Json value = {{"member", member.name},
                        {"host", member.host},
                        {"since", member.since},
                        {"capacity", member.capacity}};
    auto line = to_json_line(value);
    line.pop_back();
    return line;
}

MemberRecord member_of(std::string_view name, std::string_view value) {
    MemberRecord member{std::string(name), {}, {}, 1};
    if (const auto object = parse_json_object(value)) {
        member.host = text_field(*object, "host");
        member.since = text_field(*object, "since");
        member.capacity = number_field<int>(*object, "capacity").value_or(1);
        if (member.name.empty()) {
            member.name = text_field(*object, "member");
        }
    }
    return member;
}

bool is_member_name(std::string_view name) {
    return !name.empty() && std::ranges::none_of(name, [](unsigned char c) {
        return c <= ' ' || c == '/' || c == '\x7f';
    });
}

FleetPicture picture_of(const FleetKeys& keys, const etcd::Range& range) {
    FleetPicture picture;
    picture.revision = range.revision;
    for (const auto& entry : range.entries) {
        if (const auto name = after(keys.members(), entry.key)) {
            picture.members.push_back({member_of(*name, entry.value), entry.lease});
        } else if (const auto profile = after(keys.place(""), entry.key)) {
            picture.places.emplace(*profile, FleetPicture::Owner{member_of("", entry.value),
                                                                 entry.mod_revision, entry.lease});
        } else if (const auto pinned = after(keys.pin(""), entry.key)) {
            picture.pins.emplace(*pinned, entry.value);
        } else if (const auto asked = after(keys.asks(), entry.key)) {
            picture.asked.push_back({*asked, entry.value, entry.mod_revision, entry.lease});
        } else if (const auto cordoned = after(keys.cordon(""), entry.key)) {
            picture.cordoned.push_back(*cordoned);
        } else if (const auto drained = after(keys.drain(""), entry.key)) {
            picture.drained.push_back(*drained);
        } else if (entry.key == keys.owner()) {
            picture.owner = {member_of("", entry.value), entry.mod_revision, entry.lease};
        }
    }
    for (auto& one : picture.members) {
        one.cordoned = is_one_of(picture.cordoned, one.member.name);
        one.drains = is_one_of(picture.drained, one.member.name);
    }
    return picture;
}

} // namespace gw
