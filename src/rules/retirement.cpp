#include "rules/retirement.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace gw {

namespace {

std::string text_of(const std::optional<FileIdentity>& identity) {
    return identity ? fmt::format("{}:{}", identity->device, identity->inode) : "-";
}

/// False when it is neither an identity nor "-".
bool parse_identity(std::string_view text, std::optional<FileIdentity>& identity) {
    if (text == "-") {
        return true;
    }
    const auto colon = std::min(text.find(':'), text.size());
    const auto device = parse_number<std::uint64_t>(text.substr(0, colon));
    const auto inode = parse_number<std::uint64_t>(text.substr(std::min(colon + 1, text.size())));
    if (device && inode) {
        identity = FileIdentity{*device, *inode};
    }
    return identity.has_value();
}

/// Takes the next word off the front.
std::string_view next_word(std::string_view& text) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

Retirement kept(std::string why) {
    return {false, std::move(why)};
}

} // namespace

std::string to_text(const SlotOrigin& origin) {
    return fmt::format("home {} profiles {} profile {}", text_of(origin.home),
                       text_of(origin.profiles), text_of(origin.profile));
}

std::optional<SlotOrigin> parse_slot_origin(std::string_view text) {
    SlotOrigin origin;
    for (const auto& [key, identity] : {std::pair{std::string_view("home"), &origin.home},
                                        std::pair{std::string_view("profiles"), &origin.profiles},
                                        std::pair{std::string_view("profile"), &origin.profile}}) {
        if (next_word(text) != key || !parse_identity(next_word(text), *identity)) {
            return std::nullopt;
        }
    }
    return text.empty() ? std::optional(origin) : std::nullopt;
}

SlotOrigin origin_spoken_of(const SlotOrigin& made_for, SlotOrigin now) {
    for (const auto part : {&SlotOrigin::home, &SlotOrigin::profiles, &SlotOrigin::profile}) {
        if (!(made_for.*part)) {
            (now.*part).reset();
        }
    }
    return now;
}

Retirement judge_retirement(const std::optional<SlotOrigin>& made_for, const ProfileAbsence& seen) {
    if (!seen.unproven.empty()) {
        return kept(seen.unproven);
    }
    if (!made_for || !made_for->profiles) {
        return kept("an earlier version made it and did not note for which volume");
    }
    if (made_for->profiles != seen.now.profiles) {
        return kept("it was made for another volume than the one that is there now");
    }
    if (!seen.now.profile) {
        return {true, "its profile is gone"};
    }
    return made_for->profile == seen.now.profile
               ? Retirement{true, "its profile holds no SOUL.md any more"}
               : kept("another directory stands in the place of its profile");
}

bool volume_is_away(const std::optional<FileIdentity>& home, std::span<const OwnSlot> slots) {
    return std::any_of(slots.begin(), slots.end(), [&](const OwnSlot& slot) {
        return !slot.root_profile || (slot.made_for && slot.made_for->home != home);
    });
}

} // namespace gw
