/// Crash loops end: what follows a death, from how many came before it. Pure.
#pragma once

#include "base/moment.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace gw {

/// The deaths of a profile's gateway that no stable life has separated; it lies on the volume, so
/// that a container that restarts again and again does not start the count anew.
struct DeathTally {
    int count = 0;
    std::optional<WallTime> last;
};

/// One end of the supervised process, as the supervisor's finish script hears of it.
struct Death {
    int code = 0;              ///< exit code; meaningless when a signal ended it
    std::optional<int> signal; ///< the signal that ended it
    /// The gateway's own records say that it was asked to end and did so: no failure, whatever the
    /// code.
    bool orderly = false;
    WallTime at{};
    /// An operator has asked for the end of this very process (store/planned_end.hpp).
    bool planned = false;
};

enum class AfterDeath {
    as_commanded, ///< the supervisor's own wish stands: it has got the operator's last command
    stay_down,
    start_again,
    park,
};

struct DeathVerdict {
    AfterDeath action = AfterDeath::start_again;
    std::chrono::seconds pause{0}; ///< before the next start
    DeathTally tally;
    std::string reason; ///< of the parking
};

/// With this long between two deaths the life in between was stable and the count begins anew.
/// Loops with a period of minutes are found too (field report #82574).
inline constexpr std::chrono::minutes stable_life{10};

/// The pause doubles from one second up to this: ten deaths take at least two and a half minutes,
/// so that a short outage of a network parks nobody, and an operator's `start` never waits longer.
inline constexpr std::chrono::seconds longest_pause{30};

/// First match wins: an end that an operator asked for is no death, whatever it looks like, and
/// what follows it was said by his command; code 0 stays down; EX_CONFIG (78) is parked at once,
/// because no restart heals it; a restart that was asked for (75) and an orderly end are no
/// failures and start again at once; anything else counts, and parks when the budget is used up.
DeathVerdict judge_death(const DeathTally& before, const Death& death, int budget);

} // namespace gw
