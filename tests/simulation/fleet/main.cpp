/// `simulate-fleet`: plays fleets by their seeds, and prints what was tried and what was lost.
#include "sys/log.hpp"
#include "world.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <random>

namespace {

using namespace gw::fleet_simulation; // NOLINT(google-build-using-namespace): its own main

struct Words {
    std::uint64_t seed = 0;
    double minutes = 0;
    std::uint64_t worlds = 0;
    bool story = false;
};

struct Tried {
    std::uint64_t worlds = 0;
    std::uint64_t steps = 0;
    std::uint64_t losses = 0;
    double longest = 0; ///< until all ran again, in simulated seconds
};

/// Of the processor: the machine may be busy with others. (std::chrono's clocks are the
/// simulation's.)
double cpu_seconds() {
    timespec now{};
    (void)::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

bool play(std::uint64_t seed, bool story, Tried& tried) {
    World world(seed, story);
    world.play();
    ++tried.worlds;
    tried.steps += world.steps();
    tried.longest = std::max(tried.longest, std::chrono::duration<double>(world.settled()).count());
    for (const auto& line : world.story()) {
        fmt::print("{}\n", line);
    }
    if (!world.violation().empty()) {
        ++tried.losses;
        fmt::print("seed {}: {}\n", seed, world.violation());
        std::fflush(stdout);
    }
    return world.violation().empty();
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("The deterministic simulation of a fleet of gatewayctl");
    Words words;
    timespec now{};
    (void)::clock_gettime(CLOCK_REALTIME, &now);
    words.seed = static_cast<std::uint64_t>(now.tv_nsec);
    app.add_option("--seed", words.seed, "of the first world; the next ones follow it");
    app.add_option("--minutes", words.minutes, "how long");
    app.add_option("--worlds", words.worlds, "how many worlds");
    app.add_flag("--story", words.story, "plays the world of --seed alone, and tells it");
    CLI11_PARSE(app, argc, argv);
    // What the agents say belongs to the story.
    gw::sys::start_log(words.story ? gw::sys::Verbosity::verbose : gw::sys::Verbosity::quiet,
                       false);
    Tried tried;
    if (words.story) {
        return play(words.seed, true, tried) ? 0 : 1;
    }
    fmt::print("seed {}\n", words.seed);
    std::fflush(stdout);
    const auto begin = cpu_seconds();
    const auto elapsed = [begin] { return cpu_seconds() - begin; };
    const double limit = words.worlds != 0 || words.minutes > 0 ? words.minutes * 60 : 60;
    for (auto seed = words.seed; elapsed() < limit || tried.worlds < words.worlds; ++seed) {
        constexpr std::uint64_t enough = 10;
        (void)play(seed, false, tried);
        if (tried.losses >= enough) {
            break;
        }
    }
    fmt::print("{:<20}{:>12}{:>14}{:>10}{:>14}\n", "what", "worlds", "steps", "losses", "steps/s");
    fmt::print("{:<20}{:>12}{:>14}{:>10}{:>14.0f}\n", "fleets", tried.worlds, tried.steps,
               tried.losses, static_cast<double>(tried.steps) / std::max(elapsed(), 0.001));
    fmt::print("the longest time until all ran again: {:.1f} s\n", tried.longest);
    return tried.losses == 0 ? 0 : 1;
}
