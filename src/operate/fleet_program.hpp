/// `gatewayctl-fleet` as this program calls it: what it does needs etcd, of which this one knows
/// nothing.
#pragma once

#include "base/argv.hpp"
#include "rules/settings.hpp"

#include <string>

namespace gw::operate {

/// The program and what it is told before each verb: the same home and scandir, an answer in JSON,
/// `fleet`.
Argv fleet_program(const std::string& home, const Settings& settings);

} // namespace gw::operate
