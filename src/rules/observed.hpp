/// What was found before a plan is made: the profiles on the volume, and what the scandir holds
/// under their names.
#pragma once

#include "base/finding.hpp"
#include "rules/desired.hpp"
#include "rules/retirement.hpp"
#include "rules/slot_files.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// What is in the scandir under the name of a slot.
struct ObservedSlot {
    enum class Kind {
        absent,
        ours,       ///< a directory whose `run` names our home, by path or by device and inode
        other_home, ///< a slot rendered for another home
        foreign,    ///< a symlink, a plain file, or a directory that we did not render
        unreadable, ///< whose it is cannot be told
    };
    Kind kind = Kind::absent;
    SlotContent content;                  ///< when it is ours
    bool skeleton_complete = true;        ///< supervise/, event/ and control FIFOs are there
    std::optional<SlotOrigin> made_for{}; ///< as the slot says
    std::string detail;                   ///< for people: what is foreign about it
    Errc problem = Errc::not_permitted;   ///< when whose it is cannot be told: why
    bool supervised = false;              ///< an s6-supervise runs on it now
};

/// Everything found about one profile.
struct ProfileObservation {
    KnownProfile known;
    ObservedSlot slot;
    std::vector<std::string> stale_files; ///< relative to the profile: gateway.pid, processes.json
    std::vector<std::string> leftovers;   ///< relative to the profile: of writes that were killed
    /// Why the parking that is recorded there is over.
    std::optional<std::string> parking_ended_by{};
    bool state_kept_aside = false; ///< a corrupt state file is there already under its new name
    std::vector<Finding> findings;
};

/// Why something under `profiles/` was refused, as words for the boot log.
inline constexpr std::string_view refused_name = "invalid-name";
inline constexpr std::string_view refused_symlink = "symbolic-link";

/// What looks like a profile but cannot be one: a directory that holds SOUL.md and has an
/// impossible name, or a symbolic link.
struct InvalidProfile {
    std::string name; ///< as found, not yet printable
    std::string why;
    std::string_view reason = refused_name;
};

/// A slot of ours without a profile.
struct OrphanSlot {
    ProfileName name = ProfileName::root();
    Retirement verdict;
};

/// Facts about the whole home and scandir.
struct Observation {
    ContainerFacts container;
    PortRanges ports = default_port_ranges;   ///< as configured
    std::vector<ProfileObservation> profiles; ///< sorted
    std::vector<InvalidProfile> invalid;
    bool profiles_unlistable = false; ///< so nothing is known of profiles that are not listed
    std::vector<OrphanSlot> orphan_slots;
    std::vector<std::string> leftovers; ///< dot-named remains of an interrupted pass
    bool scandir_exists = false;
    bool supervisor_live = false;
    bool keeper_wanted = false; ///< rules/owner.hpp
    bool keeper_rests = false;  ///< it is there, and has no share in the volume
    SlotContent keeper;         ///< its files; empty: it is not there
    std::vector<Finding> findings;
};

} // namespace gw
