#include "sys/child.hpp"

#include "sys/errno_error.hpp"
#include "sys/platform.hpp"
#include "sys/processes.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <sys/wait.h>

namespace gw::sys {

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
    signals.give_back_mask();
    ::execvp(words[0], words.data());
    return errno;
}

} // namespace

Result<PipeToChild> make_pipe_to_child() {
    std::array<int, 2> ends{};
    if (platform::make_pipe(ends) != 0) {
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
    if (platform::make_pipe(ends) != 0) {
        return fail_errno(errno, "cannot start " + argv[0]);
    }
    const UniqueFd read_end(ends[0]);
    UniqueFd write_end(ends[1]);
    const pid_t pid = ::fork();
    if (pid < 0) {
        return fail_errno(errno, "cannot start " + argv[0]);
    }
    if (pid == 0) {
        platform::die_with_parent(setup.parent_death_signal);
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
    platform::send_to(process, number);
}

} // namespace gw::sys
