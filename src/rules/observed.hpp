/// What was found before a plan is made: the profiles on the volume, and what the scandir holds
/// under their names.
#pragma once

#include "base/finding.hpp"
#include "rules/desired.hpp"
#include "rules/slot_files.hpp"

#include <string>
#include <vector>

namespace gw {

/// What is in the scandir under the name of a slot.
struct ObservedSlot {
    enum class Kind {
        absent,
        ours,       ///< a directory whose `run` names our home
        other_home, ///< a slot rendered for another home
        foreign,    ///< a symlink, a plain file, or a directory that we did not render
        unreadable, ///< whose it is cannot be told
    };
    Kind kind = Kind::absent;
    SlotContent content;           ///< when it is ours
    bool skeleton_complete = true; ///< supervise/, event/ and control FIFOs are there
    std::string detail;            ///< for people: what is foreign about it
    bool supervised = false;       ///< an s6-supervise runs on it now
};

/// Everything found about one profile.
struct ProfileObservation {
    KnownProfile known;
    ObservedSlot slot;
    std::vector<std::string> stale_files; ///< relative to the profile: gateway.pid, processes.json
    std::vector<std::string> leftovers;   ///< relative to the profile: of writes that were killed
    bool state_kept_aside = false; ///< a corrupt state file is there already under its new name
    std::vector<Finding> findings;
};

/// A directory that holds SOUL.md but cannot be a profile.
struct InvalidProfile {
    std::string name; ///< as found, not yet printable
    std::string why;
};

/// Facts about the whole home and scandir.
struct Observation {
    ContainerFacts container;
    std::vector<ProfileObservation> profiles; ///< sorted
    std::vector<InvalidProfile> invalid;
    std::vector<ProfileName> orphan_slots; ///< ours, but their profile is gone
    std::vector<std::string> leftovers;    ///< dot-named remains of an interrupted pass
    bool scandir_exists = false;
    bool supervisor_live = false;
    std::vector<Finding> findings;
};

} // namespace gw
