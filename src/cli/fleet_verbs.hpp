/// The functions of the verbs of `gatewayctl-fleet`; the table (cli/verb_rows_fleet.cpp) says what
/// they take.
#pragma once

#include "cli/context.hpp"
#include "cli/words.hpp"
#include "rules/fleet_settings.hpp"
#include "sys/effects.hpp"

namespace gw::cli {

/// Errc::bad_config where the configuration has no fleet.
Result<const FleetSettings*> fleet_settings(Context& context);

int fleet_status(Context& context, const Words& words);
int fleet_doctor(Context& context, const Words& words);
int fleet_cordon(Context& context, const Words& words, sys::Effects& effects);
int fleet_uncordon(Context& context, const Words& words, sys::Effects& effects);
int fleet_drain(Context& context, const Words& words, sys::Effects& effects);
int fleet_move(Context& context, const Words& words, sys::Effects& effects);
int fleet_ask(Context& context, const Words& words, sys::Effects& effects);
int fleet_agent(Context& context, const Words& words, sys::Effects& effects);

} // namespace gw::cli
