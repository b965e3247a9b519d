/// Who decides: a seed, or the enumeration of all that may happen in a small world.
#pragma once

#include "game.hpp"
#include "world.hpp"

#include <vector>

namespace gw::simulation {

class RandomChance final : public Chance {
  public:
    explicit RandomChance(std::uint64_t seed) : state_(seed) {}
    Turn at_point(const World& world, const Process& process) override;
    std::size_t next_of(std::size_t count, std::optional<std::size_t> current) override;
    std::uint64_t draw(std::uint64_t below) override;

  private:
    std::uint64_t next();
    std::uint64_t state_;
};

/// What differs from the undisturbed course of a world: at which point, and how.
struct Deviation {
    std::uint64_t point = 0; ///< counted from where the world is armed
    Turn turn = Turn::go_on;
};

/// Follows the undisturbed course but for its deviations.
class SetChance final : public Chance {
  public:
    /// `flushes`: whether a power cut leaves all that was not flushed, or nothing of it.
    enum class Unflushed { lost, kept };
    SetChance(std::vector<Deviation> deviations, Unflushed unflushed)
        : deviations_(std::move(deviations)), unflushed_(unflushed) {}
    Turn at_point(const World& world, const Process& process) override;
    std::size_t next_of(std::size_t count, std::optional<std::size_t> current) override;
    std::uint64_t draw(std::uint64_t below) override;

    /// Points count between the two.
    void arm(bool counts) { counts_ = counts; }
    [[nodiscard]] std::uint64_t points() const { return points_; }

  private:
    std::vector<Deviation> deviations_;
    Unflushed unflushed_;
    bool counts_ = false;
    bool preempts_ = false;
    std::uint64_t points_ = 0;
    std::size_t done_ = 0;
};

/// What a world of this chance holds.
Plan plan_of(Chance& chance, Kind kind);

} // namespace gw::simulation
