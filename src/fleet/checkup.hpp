/// What `doctor` looks at in a member of a fleet.
#pragma once

#include "inspect/checkup.hpp"
#include "rules/settings.hpp"

#include <chrono>

namespace gw::fleet {

/// The section `fleet`: every member of etcd by itself, certificates, clocks, this member's lease.
/// `settings.fleet` is there. `patience`: for each member of etcd, and for the picture.
inspect::Section check_up(const Settings& settings, std::chrono::milliseconds patience);

} // namespace gw::fleet
