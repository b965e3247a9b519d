/// Whom a gateway's script speaks for when it calls this tool.
#pragma once

#include "base/error.hpp"
#include "base/process.hpp"
#include "cli/words.hpp"
#include "sys/processes.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace gw::cli {

/// --pid, else its own process, which is our parent.
inline Result<Pid> speaker(const Words& words) {
    const Pid parent{::getppid()};
    const auto pid = words.integer("--pid");
    if (!pid && parent.value == 0) {
        return fail(Errc::usage, "the calling process is outside of this pid namespace",
                    "say who asks: --pid PID");
    }
    return pid ? Pid{*pid} : parent;
}

/// The same, alive.
inline Result<ProcessIdentity> speaking_process(const Words& words) {
    const auto pid = speaker(words);
    const auto process = pid ? sys::identity_of(*pid) : std::nullopt;
    if (pid && !process) {
        return fail(Errc::not_found, fmt::format("there is no live process {}", pid->value));
    }
    return pid ? Result<ProcessIdentity>(*process) : std::unexpected(pid.error());
}

} // namespace gw::cli
