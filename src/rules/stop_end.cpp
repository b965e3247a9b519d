#include "rules/stop_end.hpp"

#include "base/signal_name.hpp"
#include "rules/death_budget.hpp"

#include <fmt/format.h>

namespace gw {

StopVerdict judge_stop(const std::optional<LastExit>& exit, const std::optional<StopNote>& note) {
    if (exit && exit->signal && !asks_to_end(*exit->signal)) {
        return {StopEnd::cut_off, "it ended by " + signal_name(*exit->signal)};
    }
    if (note && !note->finished) {
        return {StopEnd::cut_off, fmt::format("its stop came as far as '{}'", note->words)};
    }
    if (note || exit) {
        return {StopEnd::finished, {}};
    }
    return {StopEnd::unseen, "how it ended was not seen"};
}

} // namespace gw
