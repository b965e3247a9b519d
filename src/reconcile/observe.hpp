/// Gathers the facts that a plan is made from. Reads only.
#pragma once

#include "own/places.hpp"
#include "reconcile/profile_directories.hpp"
#include "rules/observed.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "store/profile_snapshot.hpp"
#include "supervise/s6/scandir.hpp"

#include <optional>

namespace gw::reconcile {

/// The facts, and the directories that they were read from.
struct Observed {
    Observation facts;
    ProfileDirectories directories;
    own::Places places{}; ///< for the whole pass: its own fleet makes another one when they change
};

/// Everything the files of the profiles say and what the scandir holds. What cannot be read of one
/// profile is part of the answer, never an error that stops the rest. `home` outlives the answer.
Result<Observed> observe(const store::Home& home, const std::optional<supervise::Scandir>& scandir,
                         const Settings& settings, ContainerFacts container);

/// What one profile's files say to a boot pass. `record_is_live`: the process that the run record
/// names runs now. Pure; the specification of the service is left to the caller.
ProfileObservation observation_of(const ProfileName& profile,
                                  const store::ProfileSnapshot& snapshot, bool record_is_live);

} // namespace gw::reconcile
