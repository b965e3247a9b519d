/// `simulate`: plays worlds by their seeds, and prints what was tried and what was lost.
#include "chances.hpp"
#include "game.hpp"
#include "scenario.hpp"
#include "search.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <map>
#include <random>

namespace {

using namespace gw::simulation; // NOLINT(google-build-using-namespace): its own main

struct Words {
    std::uint64_t seed = 0;
    double minutes = 0;
    std::uint64_t steps = 0;
    std::uint64_t worlds = 0;
    bool story = false;
    bool exhaustive = false;
    std::string small; ///< the words of a small world
    std::string kind;  ///< empty: the seed draws it
    std::string scenario;
};

struct Tried {
    std::uint64_t worlds = 0;
    std::uint64_t steps = 0;
    std::uint64_t losses = 0;
    double seconds = 0;
};
/// What was tried of each kind.
using Table = std::map<std::string, Tried, std::less<>>;

constexpr std::string_view kinds[] = {"container", "host",
                                      "standby"}; // NOLINT: in the order of Kind

/// Drawn apart from all else, so that a seed's world is the same whoever names its kind.
Kind kind_of(std::uint64_t seed, const std::string& told) {
    const auto* const named = std::find(std::begin(kinds), std::end(kinds), told);
    const auto index = named == std::end(kinds) ? RandomChance(~seed).draw(std::size(kinds))
                                                : static_cast<std::size_t>(named - kinds);
    return static_cast<Kind>(index);
}

/// In half of the worlds. Not drawn: where nobody types one, everything else is decided by the same
/// draws as in a world that knows of no such thing.
bool has_typed_passes(std::uint64_t seed) {
    constexpr std::uint64_t a_bit = 8;
    return (seed & a_bit) != 0;
}

/// The world of a seed; empty: nothing was lost.
std::string play(std::uint64_t seed, Kind kind, bool story, Tried& tried) {
    RandomChance chance(seed);
    World world(chance);
    world.keeps_story = story;
    auto plan = plan_of(chance, kind);
    plan.passes_are_typed = kind == Kind::container && has_typed_passes(seed);
    Game game(world, plan);
    game.play();
    ++tried.worlds;
    tried.steps += world.steps();
    if (story) {
        for (const auto& line : world.story()) {
            fmt::print("{}\n", line);
        }
        fmt::print("what lies on the volume:\n");
        for (const auto& [path, bytes] : contents_of(world.files.find("/data"))) {
            if (path.starts_with("profiles/") && !bytes.empty() &&
                path.find("lives") == std::string::npos) {
                fmt::print("  {}: {}", path, bytes);
            }
        }
    }
    return world.violation();
}

/// Of the processor: the machine may be busy with others. (std::chrono's clocks are the
/// simulation's.)
double cpu_seconds() {
    timespec now{};
    (void)::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void print_table(const Table& table) {
    fmt::print("{:<20}{:>12}{:>14}{:>10}{:>14}\n", "what", "worlds", "steps", "losses", "steps/s");
    for (const auto& [what, tried] : table) {
        fmt::print("{:<20}{:>12}{:>14}{:>10}{:>14.0f}\n", what, tried.worlds, tried.steps,
                   tried.losses, static_cast<double>(tried.steps) / std::max(tried.seconds, 0.001));
    }
}

/// Without a limit until all has been tried.
int search(const Words& words) {
    const auto begin = cpu_seconds();
    std::uint64_t losses = 0;
    const auto found = search_small_worlds(
        [&] {
            const bool in_time = words.minutes <= 0 || cpu_seconds() - begin < words.minutes * 60;
            return in_time && losses < 10;
        },
        [&losses](const std::string& loss) {
            ++losses;
            fmt::print("--small '{}'\n", loss);
            std::fflush(stdout);
        });
    print_table(
        {{"small worlds", {found.worlds, found.steps, found.losses, cpu_seconds() - begin}}});
    return found.losses == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("The deterministic simulation of gatewayctl");
    Words words;
    words.seed = std::random_device{}();
    app.add_option("--seed", words.seed, "of the first world; the next ones follow it");
    app.add_option("--kind", words.kind, "container, host or standby; the seed draws it")
        ->check(CLI::IsMember(std::vector<std::string>(std::begin(kinds), std::end(kinds))));
    app.add_option("--minutes", words.minutes, "how long");
    app.add_option("--steps", words.steps, "how many simulated system calls, at least");
    app.add_option("--worlds", words.worlds, "how many worlds");
    app.add_flag("--story", words.story, "plays the world of --seed alone, and tells it");
    app.add_flag("--exhaustive", words.exhaustive, "all that may happen in small worlds");
    app.add_option("--small", words.small, "tells the small world of these words");
    app.add_option("--scenario", words.scenario, "answers for each of these steps");
    CLI11_PARSE(app, argc, argv);
    if (!words.small.empty()) {
        fmt::print("{}", tell_small_world(words.small));
        return 0;
    }
    if (!words.scenario.empty()) {
        for (const auto& answer : play_scenario(
                 kind_of(0, words.kind.empty() ? "container" : words.kind), words.scenario)) {
            fmt::print("{}\n", answer);
        }
        return 0;
    }
    if (words.exhaustive) {
        return search(words);
    }
    Tried tried;
    Table table;
    if (words.story) {
        const auto violation = play(words.seed, kind_of(words.seed, words.kind), true, tried);
        fmt::print("{}\n", violation.empty() ? "nothing was lost" : violation);
        return violation.empty() ? 0 : 1;
    }
    fmt::print("seed {}\n", words.seed);
    std::fflush(stdout);
    const auto begin = cpu_seconds();
    const auto elapsed = [begin] { return cpu_seconds() - begin; };
    const bool limited = words.steps != 0 || words.worlds != 0 || words.minutes > 0;
    const double limit = limited ? words.minutes * 60 : 60;
    for (std::uint64_t seed = words.seed;; ++seed) {
        const bool goes_on = (limit > 0 && elapsed() < limit) || tried.steps < words.steps ||
                             tried.worlds < words.worlds;
        if (!goes_on || tried.losses >= 10) {
            break;
        }
        const Kind kind = kind_of(seed, words.kind);
        const auto name = kinds[static_cast<std::size_t>(kind)];
        const auto before = tried;
        const auto begun = elapsed();
        if (const auto violation = play(seed, kind, false, tried); !violation.empty()) {
            ++tried.losses;
            fmt::print("--seed {} --kind {}: {}\n", seed, name, violation);
            std::fflush(stdout);
        }
        auto& row = table[fmt::format("worlds of {}", name)];
        ++row.worlds;
        row.steps += tried.steps - before.steps;
        row.losses += tried.losses - before.losses;
        row.seconds += elapsed() - begun;
    }
    print_table(table);
    return tried.losses == 0 ? 0 : 1;
}
