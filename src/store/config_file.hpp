/// The configuration files: `gatewayctl.yaml`, and the one key of the gateways' own `config.yaml`
/// that this tool must honour (multiplex).
#pragma once

#include "rules/settings.hpp"

#include <string>

namespace gw::store {

/// Reads `explicit_path` if given, else `<home>/gatewayctl.yaml`, else `/etc/gatewayctl.yaml`; then
/// `multiplex_profiles`, top-level or below `gateway`, of `<home>/config.yaml`. What is not
/// understood (a file, a key, a value) leaves a finding with file and line, what was meant and what
/// counts instead, and the rest of the file holds: it must not keep a container from booting.
ConfigFile read_config(const std::string& home, const std::optional<std::string>& explicit_path);

} // namespace gw::store
