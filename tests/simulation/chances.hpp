/// Who decides: a seed.
#pragma once

#include "game.hpp"
#include "world.hpp"

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

/// What a world of this chance holds.
Plan plan_of(Chance& chance);

} // namespace gw::simulation
