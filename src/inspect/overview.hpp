/// Everything on a volume at once, trouble first: what `status` shows without a name. Reads only.
#pragma once

#include "inspect/status.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace gw::inspect {

struct Overview {
    /// Every profile on the volume, registered or not, and every registered name without one.
    std::vector<GatewayStatus> gateways;
    std::vector<InvalidProfile> invalid;
    /// Services under names of ours that are none of ours, and without a profile here.
    std::vector<supervise::ForeignService> foreign;
    std::vector<Finding> findings; ///< what could not be read
};

/// Errors of the supervisor, which then cannot say what is registered.
Result<Overview> overview(const Viewpoint& from);

/// Whether no gateway has left anything on the volume: then it may be that it is not mounted.
bool is_blank(const Overview& all);

/// How many of each state, the word of `state_word` or `invalid`; `running` first, then by their
/// number, and what there is none of is left out.
using Counts = std::vector<std::pair<std::string, std::size_t>>;
Counts counts_of(const Overview& all);

/// Trouble first; among equals `default`, then by name, numbers in it as numbers: w2 before w10.
void sort_trouble_first(std::vector<GatewayStatus>& gateways);

} // namespace gw::inspect
