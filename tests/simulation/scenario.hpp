/// What is done to one gateway step by step, so that a real s6 can be asked the same.
#pragma once

#include <string>
#include <vector>

namespace gw::simulation {

/// `steps`: "start, kill s6-supervise, s6-svc -d, stop, …", each done when the one before has had
/// its effect. Answers with a line for each: what s6 says of the service, and what is recorded as
/// its intent.
std::vector<std::string> play_scenario(const std::string& steps);

} // namespace gw::simulation
