/// Child processes with a deadline: argv in, output and exit code out, no shell.
#pragma once

#include "base/argv.hpp"
#include "base/error.hpp"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace gw::sys {

struct CommandOutput {
    int exit_code = 0; ///< 128 + n when signal n ended it
    std::string out;
    std::string err;
};

/// Full path of a tool: PATH, then /command (s6-overlay) and /usr/bin, because a hook may run with
/// an empty environment.
Result<std::string> find_tool(const std::string& name);

/// Runs a tool to its end. Errc::command_failed when it cannot be started, Errc::timed_out when the
/// deadline passed (the tool is killed, and what it has done is not known); a non-zero exit is an
/// answer, not an error. For tools that only ask: what changes the system goes through
/// `Effects::run`.
Result<CommandOutput> query(const Argv& argv, std::chrono::milliseconds deadline);

/// So many tools run side by side where many are to be run: enough to keep the processors busy, and
/// the same few processes and descriptors for ten gateways and a thousand.
inline constexpr std::size_t most_tools_at_once = 8;

/// `query` for each of them, with a deadline for each, in their order.
std::vector<Result<CommandOutput>> query_all(std::span<const Argv> tools,
                                             std::chrono::milliseconds deadline);

/// Becomes the tool (execve). Returns only when that failed.
Error replace_self(const Argv& argv);

/// Becomes any command, as the `exec` of a shell: by its path, or where PATH has it. Returns only
/// when that failed: Errc::not_found where a shell answers 127.
Error replace_self_by_command(const Argv& argv);

} // namespace gw::sys
