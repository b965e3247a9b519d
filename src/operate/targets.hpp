/// Which gateways a word for several of them means.
#pragma once

#include "store/home.hpp"
#include "supervise/manager.hpp"

namespace gw::operate {

/// Whether `restart --all` means this gateway: it leaves alone what the operator stopped (field
/// reports supervisor #877 #1411). Where no intent was ever recorded, what is up is meant to be up.
bool is_meant_to_run(const supervise::ServiceManager& manager, const store::Home& home,
                     const ProfileName& profile);

} // namespace gw::operate
