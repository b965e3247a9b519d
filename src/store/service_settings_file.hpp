/// `<profile>/.gateway-service.json`: the profile's port and environment, and whether it was
/// unregistered.
#pragma once

#include "rules/service_settings.hpp"
#include "store/profile_files.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"
#include "sys/file_lock.hpp"

#include <functional>
#include <optional>
#include <string>

namespace gw::store {

inline constexpr const char* service_settings_file_name = ".gateway-service.json";

struct ServiceSettingsAnswer {
    ServiceSettings settings;
    std::string problem; ///< why the file could not be used; empty when it could, or is absent
};

/// A copied profile (`cp -a mail mail-old`) does not carry the port of its twin along, nor that it
/// was unregistered; its environment it does. An empty file says nothing: it was new when the power
/// was cut.
ServiceSettingsAnswer judge_service_settings(const JsonFile& file, const ProfilePlace& place);
ServiceSettingsAnswer read_service_settings(const sys::Directory& profile);

/// Reads, edits and writes what is kept; nothing is written when the edit changes nothing.
/// Errc::corrupt, and what is there stays, when it cannot be used. Durability::volatile_ is good
/// enough for a new file only: what replaces one is flushed in any case.
Result<ServiceSettings> edit_service_settings(sys::Effects& effects, const sys::Directory& profile,
                                              sys::Durability durability,
                                              const std::function<void(ServiceSettings&)>& edit);

/// Held while ports are chosen, so that two profiles never choose the same one at the same time,
/// and for every other change of what is kept: `edit_service_settings` reads and writes.
Result<sys::FileLock> lock_ports(sys::Effects& effects, const sys::Directory& home);

/// A variable name that /bin/sh accepts: letters, digits, underscore, not a digit first.
bool is_variable_name(std::string_view name);

} // namespace gw::store
