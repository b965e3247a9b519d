#include "sys/processes.hpp"

#include "base/numbers.hpp"
#include "sys/directory.hpp"
#include "sys/waiting.hpp"

#include <array>
#include <csignal>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gw::sys {

namespace {

/// Of the fields behind the command name.
constexpr std::size_t parent_field = 1;
constexpr std::size_t start_field = 19;

constexpr std::size_t proc_file_limit = std::size_t{1} << 16U;

std::string read_proc(Pid pid, const char* file) {
    const auto directory = Directory::open("/proc/" + std::to_string(pid.value));
    return directory ? read_file(*directory, file, proc_file_limit).bytes : std::string();
}

/// Fields of /proc/<pid>/stat behind the command name, which may hold blanks and parentheses:
/// index 0 is field 3 of proc(5).
std::vector<std::string_view> fields_after_name(std::string_view stat) {
    std::vector<std::string_view> fields;
    const auto close = stat.rfind(')');
    if (close == std::string_view::npos) {
        return fields;
    }
    stat.remove_prefix(close + 1);
    while (true) {
        const auto begin = stat.find_first_not_of(" \n");
        if (begin == std::string_view::npos) {
            return fields;
        }
        const auto end = std::min(stat.find_first_of(" \n", begin), stat.size());
        fields.push_back(stat.substr(begin, end - begin));
        stat.remove_prefix(end);
    }
}

Argv split_at_nul(const std::string& bytes) {
    Argv words;
    for (std::size_t begin = 0; begin < bytes.size();) {
        const auto end = std::min(bytes.find('\0', begin), bytes.size());
        words.push_back(bytes.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

} // namespace

std::optional<ProcessIdentity> identity_in_stat(std::string_view stat) {
    const auto pid = parse_pid(stat.substr(0, stat.find(' ')));
    const auto fields = fields_after_name(stat);
    const auto ticks = fields.size() > start_field
                           ? parse_number<std::uint64_t>(fields[start_field])
                           : std::nullopt;
    return pid && ticks ? std::optional(ProcessIdentity{*pid, StartTime{*ticks}}) : std::nullopt;
}

std::optional<ProcessInfo> process_info(Pid pid) {
    if (pid.value <= 0) {
        return std::nullopt;
    }
    const auto directory = Directory::open("/proc/" + std::to_string(pid.value));
    if (!directory) {
        return std::nullopt;
    }
    const auto stat = read_file(*directory, "stat", proc_file_limit);
    const auto fields = fields_after_name(stat.bytes);
    if (fields.size() <= start_field) {
        return std::nullopt;
    }
    ProcessInfo info;
    info.identity.pid = pid;
    info.state = fields[0].front();
    info.parent = parse_pid(fields[parent_field]).value_or(Pid{});
    if (const auto ticks = parse_number<std::uint64_t>(fields[start_field])) {
        info.identity.start_time = StartTime{*ticks};
    }
    info.uid = stat.info.uid;
    return info;
}

bool is_alive(const ProcessInfo& info) {
    return info.state != 'Z' && info.state != 'X';
}

std::optional<ProcessIdentity> identity_of(Pid pid) {
    const auto info = process_info(pid);
    return info && is_alive(*info) ? std::optional(info->identity) : std::nullopt;
}

bool is_alive(const ProcessIdentity& identity) {
    const auto now = identity_of(identity.pid);
    return now && (!identity.start_time || now->start_time == identity.start_time);
}

bool wait_until_dead(const ProcessIdentity& identity, std::chrono::milliseconds deadline) {
    const Deadline end(deadline);
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, identity.pid.value, 0)));
    // The identity is checked after the descriptor is open, so that both speak of one process.
    while (is_alive(identity)) {
        if (end.passed()) {
            return false;
        }
        if (pidfd) {
            pollfd event{pidfd.get(), POLLIN, 0};
            ::poll(&event, 1, static_cast<int>(end.left().count()));
        } else {
            pause(poll_pause);
        }
    }
    return true;
}

Argv command_line(Pid pid) {
    return split_at_nul(read_proc(pid, "cmdline"));
}

std::string comm_of(Pid pid) {
    std::string comm = read_proc(pid, "comm");
    if (comm.ends_with('\n')) {
        comm.pop_back();
    }
    return comm;
}

std::vector<Pid> all_pids() {
    std::vector<Pid> pids;
    const auto proc = Directory::open("/proc");
    const auto entries = proc ? proc->list() : Result<std::vector<DirectoryEntry>>{};
    if (!entries) {
        return pids;
    }
    for (const auto& entry : *entries) {
        if (const auto pid = parse_pid(entry.name)) {
            pids.push_back(*pid);
        }
    }
    return pids;
}

std::vector<ProcessCommand> all_command_lines() {
    std::vector<ProcessCommand> all;
    for (const Pid pid : all_pids()) {
        const auto info = process_info(pid);
        all.push_back({pid, info ? info->parent : Pid{}, command_line(pid)});
    }
    return all;
}

long ticks_per_second() {
    return ::sysconf(_SC_CLK_TCK);
}

} // namespace gw::sys
