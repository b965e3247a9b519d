/// The operator's intent on the volume: `.gateway-intent.json` and its mirror in the state file.
#pragma once

#include "rules/intent.hpp"
#include "store/profile_files.hpp"
#include "store/state_file.hpp"
#include "sys/effects.hpp"
#include "sys/file_lock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gw::store {

/// Both files as read.
struct IntentFiles {
    JsonFile state;
    GatewayState gateway; ///< of the state file; empty unless it answers ok
    IntentFacts intent_file;
    Intent resolved; ///< who wins
    /// The state file, or the intent file, is that of this profile, and not of the one it lies in.
    std::optional<std::string> copied_from{};
};

/// Which of the two files wins (rules/intent.hpp).
IntentFiles judge_intent(JsonFile state, JsonFile intent_file, const ProfilePlace& place);
IntentFiles read_intent(const sys::Directory& profile);

/// Keeps the tool's own writers of one profile's intent apart; they wait for each other.
Result<sys::FileLock> lock_intent(sys::Effects& effects, const sys::Directory& profile);

/// Makes the state file of a copy that of the profile itself. Comes before its intent file is
/// written or removed, which tells when the copy was made.
Result<void> take_possession(sys::Effects& effects, const sys::Directory& profile,
                             const IntentFiles& files);

/// What was the intent before a change, for giving it back.
struct IntentChange {
    std::optional<std::string> before; ///< the word, as found; nullopt: there was none
    bool before_is_known = true;       ///< false: there may have been one that could not be read
    Provenance before_by;              ///< whose that was
    DesiredState wanted = DesiredState::stopped;
    std::uint64_t generation = 0; ///< the one that was written
    /// The mirror could not be written; the intent file holds. For a warning.
    std::string mirror_problem;
};

/// The caller's, now (field report #51415: nobody knew who stopped it).
Provenance provenance_now(std::string program, std::string reason, std::string note = {});

/// Records what the operator wants, durable before it returns: the intent file with the next
/// generation, then the mirror. One lock per profile keeps the tool's own writers apart.
Result<IntentChange> record_intent(sys::Effects& effects, const sys::Directory& profile,
                                   DesiredState wanted, const Provenance& provenance);

/// Writes down that a gateway without an intent is wanted up, as `record_intent` does, but leaves
/// any intent that there is by now as it is: an operator may have asked for something meanwhile.
/// The caller flushes the file system once for all profiles.
Result<void> adopt_intent(sys::Effects& effects, const sys::Directory& profile,
                          const Provenance& provenance);

/// Undoes `record_intent` after the command that it was for failed; does nothing when somebody has
/// changed the intent since. What it was before counts again, and so does who wanted it; where that
/// could not be read, an error, and what was recorded stays.
Result<void> give_intent_back(sys::Effects& effects, const sys::Directory& profile,
                              const IntentChange& change);

/// Looks again after the command that `record_intent` was for. A gateway that keeps its state in
/// memory may have written back a copy from before, and one that never saw a generation carries
/// none to tell its age by: while the command ran, it does not count as a change. Otherwise like
/// `repair_intent`.
Result<void> confirm_intent(sys::Effects& effects, const sys::Directory& profile,
                            const IntentChange& change);

/// Makes the loser of the two files agree with the winner (docs/design.md, "Intent"). Looks again
/// under the lock, so it is safe at any time; does nothing when they agree.
Result<void> repair_intent(sys::Effects& effects, const sys::Directory& profile);

/// The word for an intent as JSON and tables have it; nullopt when there is none.
std::optional<std::string> intent_word(const Intent& intent);

} // namespace gw::store
