/// When the life before this one was. Reads only.
#pragma once

#include "base/error.hpp"
#include "base/moment.hpp"
#include "base/profile_name.hpp"
#include "store/home.hpp"
#include "store/life_log.hpp"

#include <optional>
#include <span>

namespace gw::inspect {

struct LifeWindow {
    WallTime from{};
    WallTime until{};
};

/// The last life that has ended, by what lies between two ends: while one runs it is the one
/// before. nullopt: no end was recorded. Pure.
std::optional<LifeWindow> previous_life(std::span<const store::LifeEvent> events);

/// Errc::not_found when nothing is known of one.
Result<LifeWindow> previous_life(const store::Home& home, const ProfileName& profile);

} // namespace gw::inspect
