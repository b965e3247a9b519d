/// `<profile>/.gateway-service.json`: the profile's port and environment.
#pragma once

#include "core/service_settings.hpp"
#include "sys/changes.hpp"
#include "sys/directory.hpp"

#include <string>

namespace gw::store {

struct ServiceSettingsAnswer {
    ServiceSettings settings;
    std::string problem; ///< why the file could not be used; empty when it could, or is absent
};

ServiceSettingsAnswer read_service_settings(const sys::Directory& profile);

Result<void> write_service_settings(sys::Changes& changes, const sys::Directory& profile,
                                    const ServiceSettings& settings);

Result<void> remove_service_settings(sys::Changes& changes, const sys::Directory& profile);

/// A variable name that /bin/sh accepts: letters, digits, underscore, not a digit first.
bool is_variable_name(std::string_view name);

} // namespace gw::store
