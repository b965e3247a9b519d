#include "chances.hpp"

#include <utility>

namespace gw::simulation {

std::uint64_t RandomChance::next() {
    // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

std::uint64_t RandomChance::draw(std::uint64_t below) {
    return below < 2 ? 0 : next() % below;
}

std::size_t RandomChance::next_of(std::size_t count, std::optional<std::size_t> /*current*/) {
    return static_cast<std::size_t>(draw(count));
}

Turn RandomChance::at_point(const World& world, const Process& process) {
    constexpr std::uint64_t one_in = 2000; // points, until something goes wrong
    const auto number = next();
    if (world.adversities_left > 0 && process.fragile && number % one_in == 0) {
        const auto kind = (number / one_in) % 8;
        return kind < 4    ? Turn::kill
               : kind < 6  ? Turn::stall
               : kind == 6 ? Turn::cut_power
                           : Turn::step_clock;
    }
    constexpr std::uint64_t switches = 6;
    return number % switches == 1 ? Turn::another : Turn::go_on;
}

Turn SetChance::at_point(const World& /*world*/, const Process& process) {
    if (!counts_) {
        return Turn::go_on;
    }
    const auto point = points_++;
    if (done_ == deviations_.size() || deviations_[done_].point != point) {
        return Turn::go_on;
    }
    const auto turn = deviations_[done_++].turn;
    preempts_ = turn == Turn::another;
    return turn == Turn::kill && !process.fragile ? Turn::go_on : turn;
}

std::size_t SetChance::next_of(std::size_t count, std::optional<std::size_t> current) {
    const bool preempts = std::exchange(preempts_, false);
    return preempts && current ? (*current + 1) % count : current.value_or(0);
}

std::uint64_t SetChance::draw(std::uint64_t below) {
    return unflushed_ == Unflushed::kept && below > 0 ? below - 1 : 0;
}

Plan plan_of(Chance& chance, Kind kind) {
    Plan plan;
    plan.kind = kind;
    plan.profiles =
        chance.draw(3) == 0 ? std::vector<std::string>{"a", "b"} : std::vector<std::string>{"a"};
    const auto past = chance.draw(4);
    plan.last_state = past == 0 ? "running" : past == 1 ? "stopped" : "";
    plan.boots = 1 + static_cast<int>(chance.draw(2));
    plan.operations = 1 + static_cast<int>(chance.draw(4));
    plan.adversities = static_cast<int>(chance.draw(4));
    plan.second_member = chance.draw(5) == 0;
    plan.foreign_writer = chance.draw(4) == 0;
    plan.crashes = chance.draw(3) == 0 ? static_cast<int>(chance.draw(6)) : 0;
    if (kind == Kind::host) {
        plan.last_state.clear(); // of which an install knows nothing
        plan.second_member = false;
    }
    plan.second_member = plan.second_member || kind == Kind::standby;
    return plan;
}

} // namespace gw::simulation
