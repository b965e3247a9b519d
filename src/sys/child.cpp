#include "sys/child.hpp"

#include "base/numbers.hpp"
#include "sys/directory.hpp"
#include "sys/errno_error.hpp"
#include "sys/processes.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <link.h>
#include <map>
#include <span>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace gw::sys {

namespace {

constexpr int last_signal = 64;

/// All that means something to this process. What the kernel raises for a fault of its own ends it
/// all the same.
SignalMask wanted_signals() {
    SignalMask wanted = 0;
    for (int number = 1; number <= last_signal; ++number) {
        if (meaning_of(number, SignalOrigin::process) != SignalMeaning::job_control) {
            wanted |= SignalMask{1} << static_cast<unsigned>(number - 1);
        }
    }
    return wanted;
}

/// sigprocmask(2), with the kernel's own set.
int change_mask(int how, SignalMask mask, SignalMask* before) {
    return static_cast<int>(::syscall(SYS_rt_sigprocmask, how, &mask, before, sizeof mask));
}

} // namespace

Result<SignalEvents> SignalEvents::open() {
    const SignalMask wanted = wanted_signals();
    SignalMask before = 0;
    struct sigaction child_action{};
    if (change_mask(SIG_BLOCK, wanted, &before) != 0 ||
        ::sigaction(SIGCHLD, nullptr, &child_action) != 0) {
        return fail_errno(errno, "cannot block signals");
    }
    const bool ignored = child_action.sa_handler == SIG_IGN; // NOLINT: the kernel's own cast
    if (ignored) {
        // With SIGCHLD ignored the kernel throws the exit codes away.
        (void)std::signal(SIGCHLD, SIG_DFL);
    }
    UniqueFd fd(static_cast<int>(
        ::syscall(SYS_signalfd4, -1, &wanted, sizeof wanted, SFD_CLOEXEC | SFD_NONBLOCK)));
    if (!fd) {
        return fail_errno(errno, "cannot open a signal descriptor");
    }
    return SignalEvents(std::move(fd), before, ignored);
}

std::optional<SignalEvents::Event> SignalEvents::next() {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != sizeof info) {
        return std::nullopt;
    }
    return Event{static_cast<int>(info.ssi_signo),
                 info.ssi_code == SI_KERNEL ? SignalOrigin::kernel : SignalOrigin::process};
}

namespace {

/// Runs in the child. Answers with errno when the command cannot be executed.
int become_command(const std::vector<char*>& words, const SignalEvents& signals,
                   const ChildSetup& setup) {
    if (setup.descriptor) {
        const auto [here, there] = *setup.descriptor;
        if (here == there ? ::fcntl(there, F_SETFD, 0) != 0 : ::dup2(here, there) < 0) {
            return errno;
        }
    }
    for (const auto& [name, value] : setup.environment) {
        if (::setenv(name.c_str(), value.c_str(), 1) != 0) { // NOLINT: one thread
            return errno;
        }
    }
    if (signals.child_signal_was_ignored()) {
        (void)std::signal(SIGCHLD, SIG_IGN);
    }
    (void)change_mask(SIG_SETMASK, signals.mask_before(), nullptr);
    ::execvp(words[0], words.data());
    return errno;
}

} // namespace

Result<PipeToChild> make_pipe_to_child() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail_errno(errno, "cannot make a pipe");
    }
    PipeToChild pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    if (::fcntl(pipe.write_end.get(), F_SETFL, O_NONBLOCK) != 0) {
        return fail_errno(errno, "cannot make a pipe");
    }
    return pipe;
}

Result<Pid> start_child(const Argv& argv, const SignalEvents& signals, const ChildSetup& setup) {
    std::vector<char*> words;
    words.reserve(argv.size() + 1);
    for (const auto& word : argv) {
        words.push_back(const_cast<char*>(word.c_str())); // NOLINT: execvp takes char* const[]
    }
    words.push_back(nullptr);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail_errno(errno, "cannot start " + argv[0]);
    }
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const pid_t pid = ::fork();
    if (pid < 0) {
        return fail_errno(errno, "cannot start " + argv[0]);
    }
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, setup.parent_death_signal);
        // The error's way back must not be where the command's own descriptor will be.
        const int way_back = ::fcntl(write_end.get(), F_DUPFD_CLOEXEC, 64);
        const int error = become_command(words, signals, setup);
        (void)!::write(way_back, &error, sizeof error);
        ::_exit(127);
    }
    write_end.reset();
    int error = 0;
    ssize_t n = 0;
    do {
        n = ::read(read_end.get(), &error, sizeof error);
    } while (n < 0 && errno == EINTR);
    if (n == sizeof error) {
        ::waitpid(pid, nullptr, 0);
        return fail_errno(error, "cannot execute " + argv[0]);
    }
    return Pid{pid};
}

namespace {

/// Drops the segments of one loaded object that nobody can have written to.
int drop_segments(dl_phdr_info* info, std::size_t /*size*/, void* /*data*/) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (const auto& segment : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
            continue;
        }
        const auto begin = (info->dlpi_addr + segment.p_vaddr) / page * page;
        const auto end = (info->dlpi_addr + segment.p_vaddr + segment.p_memsz) / page * page;
        (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED); // NOLINT
    }
    return 0;
}

} // namespace

void drop_idle_code() {
    ::dl_iterate_phdr(drop_segments, nullptr);
}

Result<void> adopt_orphans() {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
        return fail_errno(errno, "cannot adopt orphans");
    }
    return {};
}

void hear_of_parents_death(int number) {
    (void)::prctl(PR_SET_PDEATHSIG, number);
}

std::optional<Reaped> reap() {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid <= 0) {
        return std::nullopt;
    }
    const auto end = WIFSIGNALED(status) ? ChildEnd{ChildEnd::Kind::killed, WTERMSIG(status)}
                                         : ChildEnd{ChildEnd::Kind::exited, WEXITSTATUS(status)};
    return Reaped{Pid{pid}, end};
}

namespace {

/// The hexadecimal mask behind a key of /proc/<pid>/status.
std::uint64_t mask_of(std::string_view status, std::string_view key) {
    const auto at = status.find(key);
    if (at == std::string_view::npos) {
        return 0;
    }
    status.remove_prefix(at + key.size());
    status.remove_prefix(std::min(status.find_first_not_of(" \t"), status.size()));
    constexpr int hexadecimal = 16;
    return leading_number<std::uint64_t>(status, hexadecimal).value_or(0);
}

} // namespace

bool handles_signal(Pid pid, int number) {
    constexpr std::size_t limit = std::size_t{1} << 14U;
    const auto directory = Directory::open("/proc/" + std::to_string(pid.value));
    if (!directory) {
        return false;
    }
    const auto status = read_file(*directory, "status", limit).bytes;
    const auto bit = std::uint64_t{1} << static_cast<unsigned>(number - 1);
    return ((mask_of(status, "\nSigCgt:") | mask_of(status, "\nSigBlk:")) & bit) != 0;
}

void send_signal(Pid child, int number) {
    (void)::kill(child.value, number);
}

void continue_stopped(const ProcessIdentity& process) {
    const auto info = process_info(process.pid);
    if (info && info->state == 'T') {
        send_signal(process, SIGCONT);
    }
}

namespace {

/// The kernel answers without a look at every process of the machine: at the end of a container all
/// of its gateways ask, and all at once.
bool has_no_child() {
    siginfo_t ignored{};
    return ::waitid(P_ALL, 0, &ignored, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
}

} // namespace

std::vector<ProcessIdentity> descendants() {
    if (has_no_child()) {
        return {};
    }
    std::multimap<Pid, ProcessIdentity> by_parent;
    for (const Pid pid : all_pids()) {
        // A dead process may still be the parent of live ones until it is reaped.
        if (const auto info = process_info(pid)) {
            by_parent.emplace(info->parent, info->identity);
        }
    }
    std::vector<ProcessIdentity> found;
    std::vector<Pid> parents = {Pid{::getpid()}};
    while (!parents.empty()) {
        const auto [begin, end] = by_parent.equal_range(parents.back());
        parents.pop_back();
        for (auto child = begin; child != end; ++child) {
            parents.push_back(child->second.pid);
            if (is_alive(child->second)) {
                found.push_back(child->second);
            }
        }
    }
    return found;
}

void send_signal(const ProcessIdentity& process, int number) {
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid.value, 0)));
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

} // namespace gw::sys
