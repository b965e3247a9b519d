/// What is done to one gateway step by step, so that a real s6, or systemd, can be asked the same.
#pragma once

#include "game.hpp"

#include <string>
#include <vector>

namespace gw::simulation {

/// `steps`: "start, kill s6-supervise, s6-svc -d, stop, …", each done when the one before has had
/// its effect. Answers with a line for each: what s6 says of the service, and what is recorded as
/// its intent. On a host: what systemd says of its unit.
std::vector<std::string> play_scenario(Kind kind, const std::string& steps);

} // namespace gw::simulation
