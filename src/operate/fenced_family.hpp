/// What a SIGKILL of `gatewayctl run` leaves alive in a fleet's member.
#pragma once

#include "base/profile_name.hpp"

#include <string>

namespace gw::operate {

/// The gateway dies with the `run` before it, what the gateway has started does not. SIGKILL for
/// every process of this user that has this fence, this profile and a fencing token in its
/// environment, as only a gateway and its family have them. False when something survives that.
bool end_fenced_family(const std::string& fence, const ProfileName& profile);

} // namespace gw::operate
