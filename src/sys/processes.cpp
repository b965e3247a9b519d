#include "sys/processes.hpp"

#include "sys/clock.hpp"
#include "sys/platform.hpp"
#include "sys/waiting.hpp"

#include <cerrno>
#include <csignal>
#include <poll.h>

namespace gw::sys {

namespace {

/// Not "no such process": a descriptor or memory may be what is missing. Asked without either.
bool may_be_there(Pid pid, const platform::Sight& sight) {
    const bool unreadable = sight.error != 0 && sight.error != ENOENT && sight.error != ESRCH;
    return unreadable && (::kill(pid.value, 0) == 0 || errno != ESRCH);
}

} // namespace

std::optional<ProcessInfo> process_info(Pid pid) {
    return pid.value > 0 ? platform::look_at(pid).info : std::nullopt;
}

bool is_alive(const ProcessInfo& info) {
    return info.state != 'Z' && info.state != 'X';
}

std::optional<ProcessIdentity> identity_of(Pid pid) {
    if (pid.value <= 0) {
        return std::nullopt;
    }
    const auto sight = platform::look_at(pid);
    if (sight.info) {
        return is_alive(*sight.info) ? std::optional(sight.info->identity) : std::nullopt;
    }
    return may_be_there(pid, sight) ? std::optional(ProcessIdentity{pid, std::nullopt})
                                    : std::nullopt;
}

bool is_alive(const ProcessIdentity& identity) {
    const auto now = identity_of(identity.pid);
    return now &&
           (!identity.start_time || !now->start_time || now->start_time == identity.start_time);
}

bool is_seen_alive(const ProcessIdentity& identity) {
    const auto info = process_info(identity.pid);
    return info && is_alive(*info) &&
           (!identity.start_time || info->identity.start_time == identity.start_time);
}

bool wait_until_dead(const ProcessIdentity& identity, std::chrono::milliseconds deadline) {
    const Deadline end(deadline);
    const UniqueFd ended = platform::end_of(identity.pid);
    // The identity is checked after the descriptor is open, so that both speak of one process.
    while (is_alive(identity)) {
        if (end.passed()) {
            return false;
        }
        if (ended) {
            pollfd event{ended.get(), POLLIN, 0};
            ::poll(&event, 1, static_cast<int>(end.left().count()));
        } else {
            pause(poll_pause);
        }
    }
    return true;
}

std::vector<ProcessCommand> all_command_lines() {
    std::vector<ProcessCommand> all;
    for (const Pid pid : all_pids()) {
        all.push_back({pid, {}, command_line(pid)});
    }
    return all;
}

} // namespace gw::sys
