/// When a slot without a profile may go. Pure.
///
/// Absence is not deletion. A volume that is not mounted looks like one on which everything was
/// deleted: the mount point is there, and empty. So a slot carries what it was made for, by device
/// and inode, and goes only when the same directory of profiles was read and has the profile no
/// more. What was seen and refused (a symbolic link, a name that is no profile's) is not deleted.
///
/// | first match                                                  | the slot |
/// |--------------------------------------------------------------|----------|
/// | `profiles/` is not there, or cannot be read                  | is kept  |
/// | something stands there under the name that is no directory   | is kept  |
/// | the slot does not say what it was made for                   | is kept  |
/// | it was made for another `profiles/`                          | is kept  |
/// | a directory without SOUL.md, another one than it was made for | is kept |
/// | the directory that it was made for has lost its SOUL.md      | goes     |
/// | there is nothing under the name                              | goes     |
#pragma once

#include "base/file_identity.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gw {

/// The directories of a home that a slot was made from. What is not known is left out.
struct SlotOrigin {
    std::optional<FileIdentity> home;
    std::optional<FileIdentity> profiles; ///< `profiles/`
    std::optional<FileIdentity> profile;  ///< the profile's own
    friend bool operator==(const SlotOrigin&, const SlotOrigin&) = default;
};

/// "home 259:2 profiles 259:13 profile -", as a slot carries it.
std::string to_text(const SlotOrigin& origin);
/// nullopt when it is no such text.
std::optional<SlotOrigin> parse_slot_origin(std::string_view text);

/// What is there now, as far as a slot that was made then speaks of it: a directory that has come
/// since makes it no other slot.
SlotOrigin origin_spoken_of(const SlotOrigin& made_for, SlotOrigin now);

/// What was seen of a profile that is not there.
struct ProfileAbsence {
    /// Why it cannot be said that it was deleted; empty when nothing is in the way.
    std::string unproven;
    /// What is there now; `profile` is that of a directory without SOUL.md.
    SlotOrigin now;
};

struct Retirement {
    bool may_go = false;
    std::string why;
};

/// `made_for` is what the slot says.
Retirement judge_retirement(const std::optional<SlotOrigin>& made_for, const ProfileAbsence& seen);

/// A slot of this home, as it says of itself.
struct OwnSlot {
    bool root_profile = false;
    std::optional<SlotOrigin> made_for;
};

/// Whether a home without `profiles/` looks like the mount point of a volume that is away: a slot
/// was made for one of its profiles, or for another directory in its place. Then nothing of it may
/// be believed, and nothing written there. `home` is the one that is there now.
bool volume_is_away(const std::optional<FileIdentity>& home, std::span<const OwnSlot> slots);

} // namespace gw
