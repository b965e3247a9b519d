/// What a stop came to: whether the gateway came to the end of its drain. Pure.
#pragma once

#include "rules/observed_service.hpp"

#include <optional>
#include <string>

namespace gw {

/// How far a gateway noted that its stop came (`.clean_shutdown`).
struct StopNote {
    bool finished = false;
    std::string words; ///< "draining", "timed out"
};

enum class StopEnd {
    finished,
    cut_off, ///< killed in its drain, or ended before that was over
    unseen,  ///< nobody saw it
};

struct StopVerdict {
    StopEnd end = StopEnd::unseen;
    std::string why; ///< for people; empty when it is finished

    friend bool operator==(const StopVerdict&, const StopVerdict&) = default;
};

/// First match wins. `exit` is what the supervisor saw, `note` what was noted in this very stop.
///
/// | seen                                         | it is                                       |
/// |----------------------------------------------|---------------------------------------------|
/// | ended by a signal that asks nobody to stop   | cut off                                     |
/// | a note that did not come to its end          | cut off: `run` had to kill, or was too late |
/// | a note that did, or any other end            | finished: there was nothing more to finish  |
/// | neither an end nor a note                    | unseen                                      |
StopVerdict judge_stop(const std::optional<LastExit>& exit, const std::optional<StopNote>& note);

} // namespace gw
