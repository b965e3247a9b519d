/// Units of the simulated systemd: what their files say, and the commands that they run.
#pragma once

#include "world.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace gw::simulation {

/// As much of a unit file as a gateway's has.
struct UnitFile {
    std::string type;
    std::map<std::string, std::string> environment;
    Argv condition; ///< each of the commands may be absent
    Argv start;
    Argv stop;
    Argv stop_post;
    std::string restart = "no";
    std::set<int> prevents; ///< exit codes after which nothing follows
    std::set<int> forces;   ///< exit codes after which it is started again whatever `restart` says
    std::set<int> succeeds;
    Micros restart_pause = 100'000;
    Micros stop_limit = 90'000'000;
};

/// nullopt: it is no unit that can be loaded.
std::optional<UnitFile> parse_unit(std::string_view text);

/// What is put in the place of a variable of a command; `$EXIT_CODE` may be nothing at all.
using Variables = std::map<std::string, std::string, std::less<>>;
Argv expanded(const Argv& command, const Variables& variables);

/// Runs one of the commands of a unit, in the process that it is.
void play_unit_command(const Argv& argv);

} // namespace gw::simulation
