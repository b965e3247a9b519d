/// What the container was started for, from the argument vectors of its processes.
#pragma once

#include "base/argv.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace gw {

/// The role of the command a container was started with.
enum class CommandRole {
    other,       ///< anything that says nothing about gateways
    gateway_run, ///< `gateway run`: the old way to run the root gateway in a container
    dashboard,   ///< the dashboard: this container must not run gateways
};

/// Finds the image's command: the words after the one whose base name is `wrapper`, in whatever
/// shape the init passes it on (`/init WRAPPER …`, `sh -e …/rc.init top WRAPPER …`, the wrapper
/// run by its interpreter); without a wrapper, the words after `rc.init top` or `/init`. nullopt
/// when no process carries it.
std::optional<Argv> find_container_command(std::span<const Argv> processes,
                                           std::string_view wrapper);

/// Looks at the words of the command, not at the values of its options: a profile *named*
/// dashboard is not the dashboard (field report #49196).
CommandRole role_of(const Argv& command);

/// Whether the command itself opts out of supervision (`--no-supervise`).
bool opts_out_of_supervision(const Argv& command);

} // namespace gw
