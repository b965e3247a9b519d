/// Small worlds, and all that may happen in them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace gw::simulation {

struct Searched {
    std::uint64_t worlds = 0;
    std::uint64_t steps = 0;
    std::uint64_t losses = 0;
};

/// One gateway that runs, and one or two verbs of {start, stop, restart} at the same moment: every
/// point at which another process may go on instead, who goes on may be killed, or the power may be
/// cut, with all that was not flushed lost and kept. Two of them in one world as far as `goes_on`
/// lets it. `lost` hears of each loss in words.
Searched search_small_worlds(const std::function<bool()>& goes_on,
                             const std::function<void(const std::string&)>& lost);

/// The same world once more, told: `words` are those of a loss.
std::string tell_small_world(const std::string& words);

} // namespace gw::simulation
