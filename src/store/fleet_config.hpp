/// The key `fleet` of gatewayctl.yaml.
#pragma once

#include "rules/fleet_settings.hpp"

#include <yaml-cpp/yaml.h>

namespace gw::store {

/// What the mapping says. Every word of it that is not understood is one of its problems.
FleetSettings read_fleet(const YAML::Node& node);

} // namespace gw::store
