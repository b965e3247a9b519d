/// Files that name the profile they belong to (rules/profile_place.hpp).
#pragma once

#include "rules/profile_place.hpp"
#include "store/state_file.hpp"
#include "sys/directory.hpp"

#include <optional>
#include <string>

namespace gw::store {

inline constexpr const char* intent_file_name = ".gateway-intent.json";

ProfilePlace place_of(const sys::Directory& profile);

/// Says in a file which profile it belongs to.
void name_profile(Json& file, const ProfilePlace& place);
std::optional<ProfilePlace> profile_named_in(const Json& file);

/// Where the path in a file's name leads now.
RecordedPath look_at(const ProfilePlace& named, const ProfilePlace& here);

/// The file, unless it belongs to another profile, or is empty, as a power cut may leave a new one:
/// then nothing, as if it were not there.
JsonFile of_this_profile(JsonFile file, const ProfilePlace& here);
JsonFile read_own_file(const sys::Directory& profile, const char* relative);

/// The profile that the state file was copied from; nullopt: it is this one's. A state file that
/// names nobody came together with the intent file beside it. Gateways keep what they do not know
/// in their state file, so one that was written after the intent file had come (by what it says
/// itself) is this profile's in spite of its name.
std::optional<std::string> copied_state_of(const JsonFile& state, const JsonFile& intent_file,
                                           const ProfilePlace& here);

} // namespace gw::store
