#include "sys/processes.hpp"

#include "sys/clock.hpp"
#include "sys/macos/pending_signal.hpp"
#include "sys/macos/process_table.hpp"
#include "sys/platform.hpp"
#include "sys/waiting.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/event.h>
#include <sys/proc.h>

namespace gw::sys {

namespace {

/// Processes that begin between the two calls of sysctl(3) need room too.
constexpr std::size_t some_more = 16;
constexpr std::uint64_t us_per_s = 1'000'000;

template <std::size_t Words> std::vector<char> ask(std::array<int, Words> name) {
    std::size_t size = 0;
    if (::sysctl(name.data(), Words, nullptr, &size, nullptr, 0) != 0) {
        return {};
    }
    std::vector<char> bytes(size + some_more * sizeof(kinfo_proc));
    size = bytes.size();
    if (::sysctl(name.data(), Words, bytes.data(), &size, nullptr, 0) != 0) {
        return {};
    }
    bytes.resize(size);
    return bytes;
}

/// As proc(5) of Linux has them.
char state_letter(char stat) {
    switch (stat) {
    case SRUN:
        return 'R';
    case SSLEEP:
        return 'S';
    case SSTOP:
        return 'T';
    case SZOMB:
        return 'Z';
    default:
        return '?';
    }
}

/// Microseconds since 1970: a time that stays as it is when the clock is set.
StartTime start_of(const kinfo_proc& entry) {
    const timeval& time = entry.kp_proc.p_starttime;
    return {static_cast<std::uint64_t>(time.tv_sec) * us_per_s +
            static_cast<std::uint64_t>(time.tv_usec)};
}

} // namespace

std::optional<kinfo_proc> process_entry(Pid pid) {
    std::array<int, 4> name = {CTL_KERN, KERN_PROC, KERN_PROC_PID, pid.value};
    kinfo_proc entry{};
    std::size_t size = sizeof entry;
    if (::sysctl(name.data(), name.size(), &entry, &size, nullptr, 0) != 0) {
        return std::nullopt;
    }
    if (size != sizeof entry) {
        errno = ESRCH;
        return std::nullopt;
    }
    return entry;
}

/// KERN_PROCARGS2: the number of words, the path that was executed, zeros, the words.
Argv command_line(Pid pid) {
    const auto bytes = ask(std::array{CTL_KERN, KERN_PROCARGS2, pid.value});
    int count = 0;
    if (bytes.size() <= sizeof count) {
        return {};
    }
    std::memcpy(&count, bytes.data(), sizeof count);
    auto at = std::find(bytes.begin() + sizeof count, bytes.end(), '\0');
    at = std::find_if(at, bytes.end(), [](char byte) { return byte != '\0'; });
    Argv words;
    while (count-- > 0 && at != bytes.end()) {
        const auto end = std::find(at, bytes.end(), '\0');
        words.emplace_back(at, end);
        at = end == bytes.end() ? end : end + 1;
    }
    return words;
}

std::string comm_of(Pid pid) {
    const auto entry = process_entry(pid);
    return entry ? std::string(static_cast<const char*>(entry->kp_proc.p_comm)) : std::string();
}

std::vector<Pid> all_pids() {
    const auto bytes = ask(std::array{CTL_KERN, KERN_PROC, KERN_PROC_ALL});
    std::vector<Pid> pids;
    for (std::size_t at = 0; at + sizeof(kinfo_proc) <= bytes.size(); at += sizeof(kinfo_proc)) {
        kinfo_proc entry{};
        std::memcpy(&entry, bytes.data() + at, sizeof entry);
        pids.push_back(Pid{entry.kp_proc.p_pid});
    }
    std::sort(pids.begin(), pids.end());
    return pids;
}

BootClock started_since_boot(StartTime time) {
    const auto moment = now();
    const WallTime started{std::chrono::microseconds(time.ticks)};
    return moment.since_boot - std::chrono::floor<BootClock>(moment.wall - started);
}

std::optional<int> take_pending(sigset_t of) {
    sigset_t pending{};
    if (::sigpending(&pending) != 0 || (pending & of) == 0) {
        return std::nullopt;
    }
    const sigset_t there = pending & of;
    int number = 0;
    return ::sigwait(&there, &number) == 0 ? std::optional(number) : std::nullopt;
}

namespace platform {

Sight look_at(Pid pid) {
    const auto entry = process_entry(pid);
    if (!entry) {
        return {std::nullopt, errno};
    }
    ProcessInfo info;
    info.identity = {pid, start_of(*entry)};
    info.state = state_letter(entry->kp_proc.p_stat);
    info.parent = Pid{entry->kp_eproc.e_ppid};
    info.uid = entry->kp_eproc.e_ucred.cr_uid;
    return {info, 0};
}

UniqueFd end_of(Pid pid) {
    UniqueFd queue(::kqueue());
    struct kevent end{};
    EV_SET(&end, pid.value, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, nullptr);
    const bool told = queue && ::fcntl(queue.get(), F_SETFD, FD_CLOEXEC) == 0 &&
                      ::kevent(queue.get(), &end, 1, nullptr, 0, nullptr) == 0;
    return told ? std::move(queue) : UniqueFd();
}

/// Between the look and the signal a pid could be reused; there is nothing like a pidfd.
void send_to(const ProcessIdentity& process, int number) {
    if (is_seen_alive(process)) {
        (void)::kill(process.pid.value, number);
    }
}

/// launchd ends the process group of a job with it: see adopt_orphans.
void die_with_parent(int /*signal*/) {}

std::optional<int> wait_for_signal(const sigset_t& awaited, std::chrono::milliseconds limit) {
    std::optional<int> number;
    (void)poll_until(Deadline(limit), [&] { return (number = take_pending(awaited)).has_value(); });
    return number;
}

} // namespace platform

} // namespace gw::sys
