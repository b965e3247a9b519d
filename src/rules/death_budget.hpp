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

/// Who ended a process, by the strongest evidence that there is.
enum class EndedBy {
    itself,   ///< nobody is known to have asked for it: a crash, or its own way out
    request,  ///< somebody asked for it (a signal, a takeover, a restart), and it may come back
    command,  ///< its supervisor was told to end it: an operator, or the stop of the container
    refusal,  ///< it never was the profile's gateway: another process holds the profile
    takeover, ///< it was, and that other process has taken its place
};

/// One end of the supervised process, as the supervisor's finish script hears of it.
struct Death {
    int code = 0;              ///< exit code; meaningless when a signal ended it
    std::optional<int> signal; ///< the signal that ended it
    WallTime at{};
    EndedBy by = EndedBy::itself;
};

/// Whether a process that this signal ended was asked to end by it: nothing sends these to a
/// process that goes wrong.
bool asks_to_end(int signal);

enum class AfterDeath {
    as_commanded, ///< the supervisor's own wish stands: it has got the operator's last command
    stay_down,
    start_again,
    start_when_free, ///< not before whoever holds the profile has left it
    park,
};

struct DeathVerdict {
    AfterDeath action = AfterDeath::start_again;
    std::chrono::seconds pause{0}; ///< before the next start
    DeathTally tally;
    std::string reason; ///< of the parking
};

/// With this long between two deaths the life in between was stable and the count begins anew.
/// So it does with a time from the future, which a clock that was wrong has left.
/// Loops with a period of minutes are found too (field report #82574).
inline constexpr std::chrono::minutes stable_life{10};

/// The pause doubles from one second up to this: ten deaths take at least two and a half minutes,
/// so that a short outage of a network parks nobody, and an operator's `start` never waits longer.
inline constexpr std::chrono::seconds longest_pause{30};

/// The pause after so many deaths in a row, one at least.
std::chrono::seconds pause_after(int deaths);

/// When the supervisor starts the next life of a gateway that is down between two of them; nullopt
/// where no death has been counted.
std::optional<WallTime> next_start(const DeathTally& deaths);

/// Only a crash is a death. First match wins:
///
/// | # | the end                                     | what follows             | counts |
/// |---|---------------------------------------------|--------------------------|--------|
/// | 1 | commanded, whatever it looks like           | what the command said    | no     |
/// | 2 | refused: another process holds the profile  | a start when it is free  | no     |
/// | 3 | another process has taken its place         | stays down               | no     |
/// | 4 | code 0                                      | stays down               | forgets|
/// | 5 | code 78 (EX_CONFIG): no restart heals it    | parked                   | -      |
/// | 6 | asked for, or code 75                       | a start at once          | no     |
/// | 7 | any other, and the budget is used up        | parked                   | yes    |
/// | 8 | any other                                   | a start after a pause    | yes    |
DeathVerdict judge_death(const DeathTally& before, const Death& death, int budget);

} // namespace gw
