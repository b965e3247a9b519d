/// A parked gateway and the deaths that lead to it: `<profile>/state/gateway.parked.json` and
/// `gateway.deaths.json`. Both are gone after an operator's start, and each names the life that it
/// speaks of.
#pragma once

#include "rules/death_budget.hpp"
#include "rules/last_life.hpp"
#include "store/state_file.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <optional>
#include <string>

namespace gw::store {

inline constexpr const char* parked_file_name = "state/gateway.parked.json";
inline constexpr const char* deaths_file_name = "state/gateway.deaths.json";

struct Parked {
    std::string reason;
    std::string since; ///< RFC 3339
    int count = 0;     ///< deaths in a row; 0 when one was enough (EX_CONFIG)
};

/// nullopt: there is none. A file that cannot be understood still parks, with that as its reason.
/// Whether it still holds, `profile_snapshot` judges, which knows what has come since.
std::optional<Parked> judge_park(const JsonFile& file);

/// Parks it for the death of this life, where that is known.
Result<void> park(sys::Effects& effects, const sys::Directory& profile, const std::string& reason,
                  int count, const std::optional<LifeName>& life);

/// Forgets the parking alone: a life since then was good. The deaths go on to be counted.
Result<void> end_parking(sys::Effects& effects, const sys::Directory& profile);

/// Forgets the parking and the deaths, for an operator's start. Does nothing when there are none.
Result<void> unpark(sys::Effects& effects, const sys::Directory& profile);

/// A file that cannot be used counts as no deaths.
DeathTally judge_deaths(const JsonFile& file);
Result<void> write_deaths(sys::Effects& effects, const sys::Directory& profile,
                          const DeathTally& tally, const std::optional<LifeName>& last_life);

} // namespace gw::store
