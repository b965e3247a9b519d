/// Directories of the tool's own below a home or a profile, made when they are missing.
#pragma once

#include "base/json_object.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

namespace gw::store {

/// `<profile>/state`: where the records of a gateway's lives lie.
inline constexpr const char* state_directory = "state";

/// Opens `<at>/<name>`, which is made, for everybody to read, when it is not there.
Result<sys::Directory> open_subdirectory(sys::Effects& effects, const sys::Directory& at,
                                         const char* name);

/// Replaces `<profile>/state/<name>`, which names the profile.
Result<void> write_state_record(sys::Effects& effects, const sys::Directory& profile,
                                const char* name, const Json& record,
                                sys::Durability durability = sys::Durability::durable);

} // namespace gw::store
