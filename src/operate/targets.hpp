/// Which gateways a verb means by `--all`, in the order in which people read their names.
#pragma once

#include "operate/operator.hpp"

#include <vector>

namespace gw::operate {

using Targets = Result<std::vector<ProfileName>>;

/// All that are registered.
Targets every_registered(const Operator& by);

/// Those of `restart --all`: it leaves alone what the operator stopped (field reports supervisor
/// #877 #1411). Where no intent was ever recorded, what is up is meant to be up.
Targets every_one_meant_to_run(const Operator& by);

/// All profiles of the volume, registered or not; those that cannot be one are said on the log.
/// Errc::io where not all of them can be seen.
Targets every_profile(const Operator& by);

} // namespace gw::operate
