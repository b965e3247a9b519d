/// Command lines that start a gateway of the Python implementation. Such a one claims its profile
/// itself (`gateway.lock`, `gateway.pid`), and its process is known by these words. Pure.
#pragma once

#include "base/argv.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw {

struct GatewayCommand {
    std::optional<std::string> profile; ///< behind -p; nullopt: of the home that it is given
    bool replaces = false;              ///< --replace: it takes the place of one that runs
};

/// `hermes [-p NAME] gateway [run|restart] …`, however the program is started (through its
/// interpreter, as a module, by `gatewayctl run --`), or a program made for the gateway alone.
/// nullopt for all other words, also for other subcommands of it.
std::optional<GatewayCommand> parse_gateway_command(const Argv& words);

/// Whether such a gateway serves the profile of this directory: a named one is named on its command
/// line, the root's is not.
bool serves(const GatewayCommand& command, std::string_view profile_path);

} // namespace gw
