/// Other processes: through /proc, on macOS through sysctl(3).
#pragma once

#include "base/argv.hpp"
#include "base/moment.hpp"
#include "base/process.hpp"
#include "sys/unique_fd.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::sys {

struct ProcessInfo {
    ProcessIdentity identity;
    char state = '?'; ///< letter of proc(5): R, S, D, Z, X, …
    Pid parent;
    std::uint32_t uid = 0;
};

/// Whom a copy of `/proc/<pid>/stat` speaks of; nullopt when it is none.
std::optional<ProcessIdentity> identity_in_stat(std::string_view stat);

/// nullopt when there is no such process, or nothing can be read of it.
std::optional<ProcessInfo> process_info(Pid pid);

/// A zombie is dead: it runs nothing any more (field report #42126).
bool is_alive(const ProcessInfo& info);

/// Identity of a live process; nullopt when it is dead. Of one that cannot be looked at (no
/// descriptor is free, …) it is the pid alone: that is not its end.
std::optional<ProcessIdentity> identity_of(Pid pid);

/// Whether this very process, not one that got its pid later, is alive, as far as is known: one
/// that cannot be looked at is not dead.
bool is_alive(const ProcessIdentity& identity);

/// Whether it was seen to be alive: what a signal must not be sent without.
bool is_seen_alive(const ProcessIdentity& identity);

/// Waits until the process is dead, by a descriptor of it where the kernel has one. False at the
/// deadline.
bool wait_until_dead(const ProcessIdentity& identity, std::chrono::milliseconds deadline);

/// Every process in sight, with the words of its command line.
std::vector<ProcessCommand> all_command_lines();

/// The pids of every process in sight, the lowest first.
std::vector<Pid> all_pids();

/// Words of one process's command line; empty when it cannot be read.
Argv command_line(Pid pid);

/// The name that the kernel has for it (`/proc/<pid>/comm`); empty when it cannot be read.
std::string comm_of(Pid pid);

/// How long after the machine's boot that was.
BootClock started_since_boot(StartTime time);

} // namespace gw::sys
