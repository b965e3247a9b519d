#include "sys/processes.hpp"

#include "base/numbers.hpp"
#include "sys/directory.hpp"
#include "sys/platform.hpp"
#include "sys/proc_stat.hpp"
#include "sys/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gw::sys {

namespace {

constexpr std::size_t proc_file_limit = std::size_t{1} << 16U;

struct ProcFile {
    std::string bytes; ///< empty when it cannot be read
    int error = 0;     ///< why it cannot be read
};

/// The kernel's own files need none of the care of those on a volume, and a pass over all processes
/// reads thousands of them.
UniqueFd open_proc(Pid pid, const char* file) {
    return UniqueFd(::open(fmt::format("/proc/{}/{}", pid.value, file).c_str(),
                           O_RDONLY | O_CLOEXEC | O_NOCTTY));
}

/// What has not filled a buffer has come to its end: the kernel writes each of these files at once.
ProcFile read_to_end(const UniqueFd& fd) {
    ProcFile content;
    std::array<char, 4096> piece{};
    while (content.bytes.size() < proc_file_limit) {
        const auto size = ::read(fd.get(), piece.data(), piece.size());
        if (size < 0 && errno != EINTR) {
            return {{}, errno};
        }
        content.bytes.append(piece.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        if (size >= 0 && static_cast<std::size_t>(size) < piece.size()) {
            break;
        }
    }
    return content;
}

ProcFile read_proc(Pid pid, const char* file) {
    const auto fd = open_proc(pid, file);
    return fd ? read_to_end(fd) : ProcFile{{}, errno};
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

BootClock started_since_boot(StartTime time) {
    constexpr BootClock::rep ms_per_second = 1000;
    return BootClock(static_cast<BootClock::rep>(time.ticks) * ms_per_second /
                     ::sysconf(_SC_CLK_TCK));
}

namespace platform {

Sight look_at(Pid pid) {
    const auto fd = open_proc(pid, "stat");
    struct stat owner{};
    if (!fd || ::fstat(fd.get(), &owner) != 0) {
        return {std::nullopt, errno};
    }
    const auto stat = read_to_end(fd);
    const auto fields = fields_after_name(stat.bytes);
    if (fields.size() <= stat_start_field) {
        return {std::nullopt, stat.error};
    }
    ProcessInfo info;
    info.identity.pid = pid;
    info.state = fields[0].front();
    info.parent = parse_pid(fields[stat_parent_field]).value_or(Pid{});
    if (const auto ticks = parse_number<std::uint64_t>(fields[stat_start_field])) {
        info.identity.start_time = StartTime{*ticks};
    }
    info.uid = owner.st_uid;
    return {info, 0};
}

UniqueFd end_of(Pid pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid.value, 0)));
}

void send_to(const ProcessIdentity& process, int number) {
    const UniqueFd pidfd = end_of(process.pid);
    // Looked at after the descriptor is open, so that both speak of one process.
    if (!is_seen_alive(process)) {
        return;
    }
    if (pidfd) {
        (void)::syscall(SYS_pidfd_send_signal, pidfd.get(), number, nullptr, 0);
    } else {
        (void)::kill(process.pid.value, number);
    }
}

void die_with_parent(int signal) {
    (void)::prctl(PR_SET_PDEATHSIG, signal);
}

std::optional<int> wait_for_signal(const sigset_t& awaited, std::chrono::milliseconds limit) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(limit);
    const auto rest = std::chrono::nanoseconds(limit - whole);
    const timespec timeout{whole.count(), rest.count()};
    const int signal = ::sigtimedwait(&awaited, nullptr, &timeout);
    return signal > 0 ? std::optional(signal) : std::nullopt;
}

} // namespace platform

} // namespace gw::sys
