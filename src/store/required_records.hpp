/// A profile's records for who concludes something from what is not there: that a gateway has not
/// died before, that nobody has asked for its end. One that cannot be read is an error then, and no
/// absence; one that is corrupt says nothing, as everywhere.
#pragma once

#include "rules/death_budget.hpp"
#include "rules/last_life.hpp"
#include "store/state_file.hpp"
#include "sys/directory.hpp"

namespace gw::store {

/// Unless it belongs to another profile: then nothing, as if it were not there.
Result<JsonFile> require_own_file(const sys::Directory& profile, const char* relative);

Result<LifeTraces> require_traces(const sys::Directory& profile);

Result<DeathTally> require_deaths(const sys::Directory& profile);

} // namespace gw::store
