/// The name of a profile, valid by construction: no path is ever built from an unchecked name.
#pragma once

#include "base/error.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace gw {

class ProfileName {
  public:
    /// Accepts `[a-z0-9][a-z0-9_-]{0,63}`, the rule of the gateways in the field; the error says
    /// which character or length is wrong.
    static Result<ProfileName> parse(std::string_view text);

    /// `default`: the profile that is the home directory itself.
    static ProfileName root();

    [[nodiscard]] const std::string& str() const { return text_; }
    [[nodiscard]] bool is_root() const { return text_ == root_text; }

    /// Name of the slot (`gateway-<profile>`) in the scandir, and of the unit and plist.
    [[nodiscard]] std::string slot() const { return std::string(slot_prefix) + text_; }

    /// `default` first, then by name: the order of every report.
    friend std::strong_ordering operator<=>(const ProfileName& a, const ProfileName& b) {
        if (a.is_root() != b.is_root()) {
            return a.is_root() ? std::strong_ordering::less : std::strong_ordering::greater;
        }
        return a.text_ <=> b.text_;
    }
    friend bool operator==(const ProfileName&, const ProfileName&) = default;

    static constexpr std::string_view root_text = "default";
    static constexpr std::string_view slot_prefix = "gateway-";
    /// What leaves room in a name of 255 bytes, the longest of a file system, for those of a slot
    /// that is being made: `.gateway-NAME.new`.
    static constexpr std::size_t max_length = 240;

  private:
    explicit ProfileName(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// The profile whose slot has this name; nullopt-like error when the name is not a slot's.
Result<ProfileName> profile_of_slot(std::string_view slot);

} // namespace gw
