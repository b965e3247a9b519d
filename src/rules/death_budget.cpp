#include "rules/death_budget.hpp"

#include "base/signal_name.hpp"
#include "rules/verdict.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fmt/format.h>

namespace gw {

namespace {

std::string describe(const Death& death) {
    return death.signal ? signal_name(*death.signal) : fmt::format("exit code {}", death.code);
}

} // namespace

std::chrono::seconds pause_after(int deaths) {
    constexpr int doublings = 5; // 32 s is above the limit already
    return std::min(std::chrono::seconds{1 << std::min(deaths - 1, doublings)}, longest_pause);
}

std::optional<WallTime> next_start(const DeathTally& deaths) {
    return deaths.count > 0 && deaths.last ? std::optional(*deaths.last + pause_after(deaths.count))
                                           : std::nullopt;
}

bool asks_to_end(int signal) {
    constexpr std::array requests = {SIGTERM, SIGINT, SIGHUP};
    return std::find(requests.begin(), requests.end(), signal) != requests.end();
}

DeathVerdict judge_death(const DeathTally& before, const Death& death, int budget) {
    using std::chrono::seconds;
    if (death.by == EndedBy::command) {
        return {AfterDeath::as_commanded, seconds{0}, before, {}};
    }
    if (death.by == EndedBy::refusal) {
        return {AfterDeath::start_when_free, longest_pause, before, {}};
    }
    if (death.by == EndedBy::takeover) {
        return {AfterDeath::stay_down, seconds{0}, before, {}};
    }
    if (!death.signal && death.code == 0) {
        return {AfterDeath::stay_down, seconds{0}, {}, {}};
    }
    if (!death.signal && death.code == config_exit_code) {
        return {AfterDeath::park, seconds{0}, {}, "EX_CONFIG (78): no restart can heal it"};
    }
    if (death.by == EndedBy::request || (!death.signal && death.code == restart_exit_code)) {
        return {AfterDeath::start_again, seconds{0}, before, {}};
    }
    // A time from the future was written while the clock was wrong: it is not recent.
    const bool was_stable =
        !before.last || death.at < *before.last || death.at - *before.last > stable_life;
    const DeathTally tally{was_stable ? 1 : before.count + 1, death.at};
    if (tally.count >= budget) {
        return {AfterDeath::park, seconds{0}, tally,
                fmt::format("died {} times in a row, last of {}", tally.count, describe(death))};
    }
    return {AfterDeath::start_again, pause_after(tally.count), tally, {}};
}

} // namespace gw
