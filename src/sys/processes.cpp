#include "sys/processes.hpp"

#include "base/numbers.hpp"
#include "sys/directory.hpp"
#include "sys/unique_fd.hpp"
#include "sys/waiting.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gw::sys {

namespace {

/// Of the fields behind the command name.
constexpr std::size_t parent_field = 1;
constexpr std::size_t start_field = 19;

constexpr std::size_t proc_file_limit = std::size_t{1} << 16U;

struct ProcFile {
    std::string bytes; ///< empty when it cannot be read
    std::uint32_t uid = 0;
    int error = 0; ///< why it cannot be read
};

/// The kernel's own files need none of the care of those on a volume, and a pass over all processes
/// reads thousands of them.
ProcFile read_proc(Pid pid, const char* file) {
    const UniqueFd fd(::open(fmt::format("/proc/{}/{}", pid.value, file).c_str(),
                             O_RDONLY | O_CLOEXEC | O_NOCTTY));
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        return {{}, 0, errno};
    }
    ProcFile content{{}, info.st_uid, 0};
    std::array<char, 4096> piece{};
    while (content.bytes.size() < proc_file_limit) {
        const auto size = ::read(fd.get(), piece.data(), piece.size());
        if (size < 0 && errno != EINTR) {
            return {{}, 0, errno};
        }
        if (size == 0) {
            break;
        }
        content.bytes.append(piece.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    }
    return content;
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

namespace {

std::optional<ProcessInfo> info_in(Pid pid, const ProcFile& stat) {
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
    info.uid = stat.uid;
    return info;
}

/// Not "no such process": a descriptor or memory may be what is missing. Asked without either.
bool may_be_there(Pid pid, const ProcFile& stat) {
    const bool unreadable = stat.error != 0 && stat.error != ENOENT && stat.error != ESRCH;
    return unreadable && (::kill(pid.value, 0) == 0 || errno != ESRCH);
}

} // namespace

std::optional<ProcessInfo> process_info(Pid pid) {
    return pid.value > 0 ? info_in(pid, read_proc(pid, "stat")) : std::nullopt;
}

bool is_alive(const ProcessInfo& info) {
    return info.state != 'Z' && info.state != 'X';
}

std::optional<ProcessIdentity> identity_of(Pid pid) {
    if (pid.value <= 0) {
        return std::nullopt;
    }
    const auto stat = read_proc(pid, "stat");
    if (const auto info = info_in(pid, stat)) {
        return is_alive(*info) ? std::optional(info->identity) : std::nullopt;
    }
    return may_be_there(pid, stat) ? std::optional(ProcessIdentity{pid, std::nullopt})
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
    return split_at_nul(read_proc(pid, "cmdline").bytes);
}

std::string comm_of(Pid pid) {
    std::string comm = read_proc(pid, "comm").bytes;
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
        all.push_back({pid, {}, command_line(pid)});
    }
    return all;
}

std::optional<BootClock> start_of(const ProcessIdentity& process) {
    constexpr BootClock::rep ms_per_second = 1000;
    return process.start_time
               ? std::optional(BootClock(static_cast<BootClock::rep>(process.start_time->ticks) *
                                         ms_per_second / ticks_per_second()))
               : std::nullopt;
}

long ticks_per_second() {
    return ::sysconf(_SC_CLK_TCK);
}

} // namespace gw::sys
