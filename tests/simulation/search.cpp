#include "search.hpp"

#include "chances.hpp"
#include "game.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>
#include <vector>

namespace gw::simulation {

namespace {

using Unflushed = SetChance::Unflushed;

struct SmallWorld {
    std::vector<Verb> verbs;
    Unflushed unflushed = Unflushed::lost;
    std::vector<Deviation> deviations{};
};

constexpr std::string_view turn_words[] = {"go_on", "another", "kill", "cut_power"}; // NOLINT
constexpr Turn adversities[] = {Turn::another, Turn::kill, Turn::cut_power};         // NOLINT

/// "stop start lost kill@17": what is typed, what becomes of the unflushed, and the deviations.
std::string to_words(const SmallWorld& small) {
    std::string words;
    for (const Verb verb : small.verbs) {
        words += fmt::format("{} ", word_of(verb));
    }
    words += small.unflushed == Unflushed::lost ? "lost" : "kept";
    for (const auto& deviation : small.deviations) {
        words += fmt::format(" {}@{}", turn_words[static_cast<std::size_t>(deviation.turn)],
                             deviation.point);
    }
    return words;
}

SmallWorld from_words(const std::string& text) {
    SmallWorld small;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        const auto at = word.find('@');
        if (at != std::string::npos) {
            const auto* const turn = std::find(std::begin(turn_words), std::end(turn_words),
                                               std::string_view(word).substr(0, at));
            small.deviations.push_back({std::stoull(word.substr(at + 1)),
                                        static_cast<Turn>(turn - std::begin(turn_words))});
        } else if (word == "lost" || word == "kept") {
            small.unflushed = word == "lost" ? Unflushed::lost : Unflushed::kept;
        } else {
            small.verbs.push_back(word == "stop"    ? Verb::stop
                                  : word == "start" ? Verb::start
                                                    : Verb::restart);
        }
    }
    return small;
}

struct Played {
    std::string violation;
    std::uint64_t points = 0;
    std::uint64_t steps = 0;
    std::vector<std::string> story;
};

Played play(const SmallWorld& small, bool tells) {
    SetChance chance(small.deviations, small.unflushed);
    World world(chance);
    world.keeps_story = tells;
    Plan plan;
    plan.last_state = "running";
    plan.adversities = 2;
    Game game(world, plan);
    game.play_small(small.verbs, [&chance](bool counts) { chance.arm(counts); });
    return {world.violation(), chance.points(), world.steps(), world.story()};
}

/// Plays what is given to it, and what deviates once more from that.
class Search {
  public:
    Search(const std::function<bool()>& goes_on,
           const std::function<void(const std::string&)>& lost)
        : goes_on_(goes_on), lost_(lost) {}

    /// False: the time is over.
    bool below(SmallWorld small, std::size_t deeper) {
        const auto played = play(small, false);
        ++searched_.worlds;
        searched_.steps += played.steps;
        if (!played.violation.empty()) {
            ++searched_.losses;
            lost_(fmt::format("{}: {}", to_words(small), played.violation));
        }
        const auto begin = small.deviations.empty() ? 0 : small.deviations.back().point + 1;
        small.deviations.emplace_back();
        for (auto point = begin; deeper > 0 && point < played.points; ++point) {
            for (const Turn turn : adversities) {
                small.deviations.back() = {point, turn};
                if (!goes_on_() || !below(small, deeper - 1)) {
                    return false;
                }
            }
        }
        return true;
    }

    [[nodiscard]] const Searched& searched() const { return searched_; }

  private:
    const std::function<bool()>& goes_on_;
    const std::function<void(const std::string&)>& lost_;
    Searched searched_;
};

std::vector<std::vector<Verb>> all_pairs() {
    constexpr Verb verbs[] = {Verb::start, Verb::stop, Verb::restart}; // NOLINT
    std::vector<std::vector<Verb>> pairs;
    for (const Verb one : verbs) {
        pairs.push_back({one});
        for (const Verb other : verbs) {
            pairs.push_back({one, other});
        }
    }
    return pairs;
}

} // namespace

Searched search_small_worlds(const std::function<bool()>& goes_on,
                             const std::function<void(const std::string&)>& lost) {
    Search search(goes_on, lost);
    for (std::size_t depth = 1; depth <= 2; ++depth) {
        for (const auto& verbs : all_pairs()) {
            for (const auto unflushed : {Unflushed::lost, Unflushed::kept}) {
                if (!search.below({verbs, unflushed, {}}, depth)) {
                    return search.searched();
                }
            }
        }
    }
    return search.searched();
}

std::string tell_small_world(const std::string& words) {
    const auto played = play(from_words(words), true);
    return fmt::format("{}\n{}\n", fmt::join(played.story, "\n"),
                       played.violation.empty() ? "nothing was lost" : played.violation);
}

} // namespace gw::simulation
