/// The simulated s6.
#pragma once

namespace gw::simulation {

/// Between two worlds.
void forget_fifos();

} // namespace gw::simulation
