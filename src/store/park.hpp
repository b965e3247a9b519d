/// A parked gateway and the deaths that lead to it: `<profile>/state/gateway.parked.json` and
/// `gateway.deaths.json`. Both are gone after an operator's start.
#pragma once

#include "rules/death_budget.hpp"
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

/// nullopt: it is not parked. A file that cannot be understood still parks, with that as its
/// reason: nothing but an operator takes a gateway out.
std::optional<Parked> judge_park(const JsonFile& file);
std::optional<Parked> read_park(const sys::Directory& profile);

Result<void> park(sys::Effects& effects, const sys::Directory& profile, const std::string& reason,
                  int count);

/// Forgets the parking and the deaths, for an operator's start. Does nothing when there are none.
Result<void> unpark(sys::Effects& effects, const sys::Directory& profile);

/// A file that cannot be used counts as no deaths.
DeathTally judge_deaths(const JsonFile& file);
DeathTally read_deaths(const sys::Directory& profile);
Result<void> write_deaths(sys::Effects& effects, const sys::Directory& profile,
                          const DeathTally& tally);

} // namespace gw::store
