/// An operator's verb for a gateway that another member of the fleet has.
#pragma once

#include "cli/targets.hpp"

#include <string_view>

namespace gw::cli {

/// Whether another member of the fleet has this gateway, so that it can be asked.
bool is_elsewhere(const operate::Operator& by, const ProfileName& profile);

/// Has that member do it, by `gatewayctl fleet ask` with the same words.
Result<Outcome> ask_there(const operate::Operator& by, std::string_view verb,
                          const ProfileName& profile, const Words& words);

} // namespace gw::cli
