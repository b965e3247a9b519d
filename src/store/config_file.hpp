/// The configuration files: `gatewayctl.yaml`, and the one key of the gateways' own `config.yaml`
/// that this tool must honour (multiplex).
#pragma once

#include "rules/effective_settings.hpp"
#include "rules/settings.hpp"

#include <string>

namespace gw::store {

/// What the files say, and where each of it stands.
struct PlacedConfig {
    ConfigFile file;
    SettingPlaces places; ///< of what counts: "/etc/gatewayctl.yaml:3"
};

/// Reads `explicit_path` if given, else `<home>/gatewayctl.yaml`, else `/etc/gatewayctl.yaml`; then
/// `multiplex_profiles`, top-level or below `gateway`, of `<home>/config.yaml`. What is not
/// understood (a file, a key, a value) leaves a finding with file and line, what was meant and what
/// counts instead, and the rest of the file holds: it must not keep a container from booting.
/// Without a home (empty) only `explicit_path` is read.
ConfigFile read_config(const std::string& home, const std::optional<std::string>& explicit_path);
/// The same for somebody who asks where it comes from.
PlacedConfig read_placed_config(const std::string& home,
                                const std::optional<std::string>& explicit_path);

} // namespace gw::store
