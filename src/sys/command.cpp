#include "sys/command.hpp"

#include "sys/clock.hpp"
#include "sys/errno_error.hpp"
#include "sys/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace gw::sys {

namespace {

/// A tool says a line or two; what it says beyond this is read and dropped.
constexpr std::size_t output_limit = std::size_t{1} << 20U;
/// Between two looks at a child where the kernel has no pidfd (Linux before 5.3).
constexpr std::chrono::milliseconds pause_without_pidfd{2};

std::vector<char*> argument_vector(const Argv& argv) {
    std::vector<char*> words;
    words.reserve(argv.size() + 1);
    for (const auto& word : argv) {
        words.push_back(const_cast<char*>(word.c_str())); // NOLINT: exec does not write
    }
    words.push_back(nullptr);
    return words;
}

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return fail_errno(errno, "cannot make a pipe");
    }
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// What the tool starts with: no input, its output in our pipes, a process group of its own (so
/// that its children can be killed with it), and no signal blocked or ignored.
class SpawnSetup {
  public:
    SpawnSetup(int out, int err) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
        ::posix_spawnattr_init(&attributes_);
        sigset_t signals;
        ::sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes_, &signals);
        ::sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&attributes_, &signals);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                     POSIX_SPAWN_SETPGROUP);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&actions_);
    }

    Result<pid_t> start(const std::string& program, const Argv& argv) const {
        pid_t pid = 0;
        const int error = ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_,
                                        argument_vector(argv).data(), environ);
        if (error != 0) {
            auto failure = errno_error(error, "cannot run " + program);
            failure.code = Errc::command_failed;
            return std::unexpected(std::move(failure));
        }
        return pid;
    }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// Moves what is there into `text`; closes the pipe at its end. Comes back also from a tool that
/// never stops talking.
void drain(UniqueFd& pipe, std::string& text) {
    constexpr int most_reads = 16;
    std::array<char, 4096> chunk; // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    for (int i = 0; pipe && i < most_reads; ++i) {
        const ssize_t n = ::read(pipe.get(), chunk.data(), chunk.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        if (n <= 0) {
            pipe.reset();
            return;
        }
        const auto room = output_limit - std::min(output_limit, text.size());
        text.append(chunk.data(), std::min(room, static_cast<std::size_t>(n)));
    }
}

/// The exit code when the child has ended, 128 + n for signal n.
std::optional<int> reap(pid_t pid, int options) {
    int status = 0;
    pid_t reaped = 0;
    do {
        reaped = ::waitpid(pid, &status, options);
    } while (reaped < 0 && errno == EINTR);
    if (reaped == 0) {
        return std::nullopt;
    }
    if (reaped < 0) {
        return -1; // cannot be: nobody else waits for our children
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Reads both pipes until the child has ended. A grandchild that keeps them open is not waited for.
std::optional<int> wait_for_end(pid_t pid, Pipe& out, Pipe& err, CommandOutput& output,
                                const Deadline& end) {
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    while (true) {
        const auto code = reap(pid, WNOHANG);
        drain(out.read, output.out);
        drain(err.read, output.err);
        if (code || end.passed()) {
            return code;
        }
        std::array<pollfd, 3> events{{{pidfd ? pidfd.get() : -1, POLLIN, 0},
                                      {out.read ? out.read.get() : -1, POLLIN, 0},
                                      {err.read ? err.read.get() : -1, POLLIN, 0}}};
        const auto patience = pidfd ? end.left() : std::min(end.left(), pause_without_pidfd);
        ::poll(events.data(), events.size(), static_cast<int>(patience.count()) + 1);
    }
}

/// A parent may have left SIGCHLD ignored: then the kernel would take our children's exit codes.
void let_children_be_waited_for() {
    struct sigaction action{};
    if (::sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
        (void)::signal(SIGCHLD, SIG_DFL);
    }
}

Result<CommandOutput> run_to_end(const std::string& program, const Argv& argv,
                                 std::chrono::milliseconds deadline) {
    auto out = make_pipe();
    auto err = make_pipe();
    if (!out || !err) {
        return std::unexpected(out ? err.error() : out.error());
    }
    let_children_be_waited_for();
    const SpawnSetup setup(out->write.get(), err->write.get());
    const auto pid = setup.start(program, argv);
    if (!pid) {
        return std::unexpected(pid.error());
    }
    out->write.reset();
    err->write.reset();
    CommandOutput output;
    const auto code = wait_for_end(*pid, *out, *err, output, Deadline(deadline));
    if (!code) {
        ::kill(-*pid, SIGKILL);
        (void)reap(*pid, 0);
        return fail(Errc::timed_out,
                    argv[0] + " did not answer within " + std::to_string(deadline.count()) + " ms");
    }
    output.exit_code = *code;
    return output;
}

} // namespace

Result<std::string> find_tool(const std::string& name) {
    const char* path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): single-threaded
    std::string places = std::string(path == nullptr ? "" : path) + ":/command:/usr/bin:/bin";
    for (std::size_t begin = 0; begin <= places.size();) {
        const auto colon = std::min(places.find(':', begin), places.size());
        const std::string candidate = places.substr(begin, colon - begin) + "/" + name;
        if (candidate.front() == '/' && candidate.size() > name.size() + 1 &&
            ::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
        begin = colon + 1;
    }
    return fail(Errc::command_failed, "cannot find " + name + " in PATH, /command or /usr/bin",
                "install s6, or add its directory to PATH");
}

Result<CommandOutput> query(const Argv& argv, std::chrono::milliseconds deadline) {
    const auto program = find_tool(argv[0]);
    if (!program) {
        return std::unexpected(program.error());
    }
    return run_to_end(*program, argv, deadline);
}

Error replace_self(const Argv& argv) {
    const auto program = find_tool(argv[0]);
    if (!program) {
        return program.error();
    }
    ::execv(program->c_str(), argument_vector(argv).data());
    return errno_error(errno, "cannot run " + *program);
}

} // namespace gw::sys
