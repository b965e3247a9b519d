/// What the container was started for, from the argument vectors of its processes.
#pragma once

#include "base/argv.hpp"
#include "base/process.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gw {

/// The role of the command a container was started with.
enum class CommandRole {
    other,       ///< anything that says nothing about gateways
    gateway_run, ///< `gateway run`: the old way to run the root gateway in a container
    dashboard,   ///< the dashboard: this container must not run gateways
};

/// Finds the image's command. First match wins:
///
/// | # | what counts                                                 | the command            |
/// |---|-------------------------------------------------------------|------------------------|
/// | 1 | a word with the base name `wrapper`, of any process         | the words after it     |
/// | 2 | `rc.init top …`, of PID 1 or a child of it (s6-overlay 3)   | the words after `top`  |
/// | 3 | `/init …`, of PID 1 (s6-overlay 2)                          | the words after it     |
///
/// The wrapper is found in whatever shape the init passes it on, also when its interpreter runs it.
/// The init's words count only where the init is: another container's processes may be in sight.
/// nullopt when nothing matches; the words of rows 2 and 3 must not be empty.
std::optional<Argv> find_container_command(std::span<const ProcessCommand> processes,
                                           std::string_view wrapper);

/// Whether these words name the command beyond doubt (row 1), so that none of a later process does.
bool name_wrapper(const Argv& argv, std::string_view wrapper);

/// Whether what they say depends on whose child the process is (row 2).
bool name_rc_init(const Argv& argv);

/// Looks at the words of the command, not at the values of its options: a profile *named*
/// dashboard is not the dashboard (field report #49196).
CommandRole role_of(const Argv& command);

/// The profile that the command is for: as its last `-p` or `--profile` says, else `default`.
std::string profile_named_by(const Argv& command);

/// Whether the command itself opts out of supervision (`--no-supervise`).
bool opts_out_of_supervision(const Argv& command);

} // namespace gw
