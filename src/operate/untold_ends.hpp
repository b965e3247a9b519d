/// The ends of the gateways of a tree that stopped as a whole.
#pragma once

#include "own/ownership.hpp"
#include "store/home.hpp"
#include "supervise/s6/scandir.hpp"
#include "sys/effects.hpp"

namespace gw::operate {

/// Records each end that no `finish` has told of (supervise/s6/tree_stop.hpp) as one that was asked
/// for; nothing is judged, because the tree's next boot starts what is to run. Where another member
/// owns the volume, or has the gateway's place, nothing is recorded.
void record_untold_ends(sys::Effects& effects, const store::Home& home,
                        const supervise::Scandir& scandir, const Settings& settings);

} // namespace gw::operate
