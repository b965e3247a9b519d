/// The note that an operator has asked for the end of one very process:
/// `<profile>/.gateway-planned-end.json`.
///
/// Whoever hears of that end (a slot's `finish`, a unit's ExecStopPost) has no say then in what
/// follows it: the supervisor has got its command together with the note, and what it wants now is
/// what was asked for last. The note names its process, so that it says nothing of any other end,
/// and it goes with the end that it was for. What an end that nobody heard of has left (a container
/// that was killed) is removed by the boot pass.
#pragma once

#include "base/process.hpp"
#include "store/intent_store.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

namespace gw::store {

inline constexpr const char* planned_end_file_name = ".gateway-planned-end.json";

/// Notes it, before the command is given, with the intent that was recorded for it.
Result<void> note_planned_end(sys::Effects& effects, const sys::Directory& profile,
                              const ProcessIdentity& process,
                              const std::optional<IntentChange>& intent);

/// For what hears of an end: whether the note names a process of this machine's present boot that
/// does not run any more. The note is removed unless its process lives. Then the intent is
/// confirmed (`confirm_intent`): the gateway writes nothing any more, and nobody else may have
/// waited for its end. A note that cannot be read stays, and is an error.
Result<bool> take_planned_end(sys::Effects& effects, const sys::Directory& profile);

/// For a command that was not accepted. Idempotent.
Result<void> clear_planned_end(sys::Effects& effects, const sys::Directory& profile);

} // namespace gw::store
