#include "sys/command.hpp"

#include "sys/errno_error.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/stdio.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <unistd.h>

namespace gw::sys {

namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;

/// A tool says a line or two; one that does not stop talking is stopped by its deadline.
constexpr std::size_t output_limit = std::size_t{1} << 20U;
/// How long what an ended tool has said may still be in its pipes: a child of its own may hold them
/// open for ever.
constexpr std::chrono::milliseconds pipe_patience{100};

/// A process group of the tool's own, so that its children are killed with it.
struct OwnProcessGroup {
    template <class Launcher>
    boost::system::error_code on_exec_setup(Launcher& /*launcher*/,
                                            const process::filesystem::path& /*program*/,
                                            const char* const* /*argv*/) const {
        const int failed = ::setpgid(0, 0);
        return {failed == 0 ? 0 : errno, boost::system::generic_category()};
    }
};

int exit_code_of(int native) {
    return WIFSIGNALED(native) ? 128 + WTERMSIG(native) : WEXITSTATUS(native);
}

/// One run of a tool: its output is collected until it has ended and said everything. Its end is
/// asked for again and again, soon after its pipes are closed: SIGCHLD may be blocked (as in
/// `run`), and pidfd_open(2) may be refused.
class Run {
  public:
    Run(const std::string& program, const Argv& argv)
        : child_(context_, program, Argv(argv.begin() + 1, argv.end()),
                 process::process_stdio{nullptr, out_, err_}, OwnProcessGroup{}) {
        collect(out_, output_.out);
        collect(err_, output_.err);
        look_after(shortest_look);
    }

    /// nullopt: it did not end in time; it and its children have been killed.
    std::optional<CommandOutput> finish(std::chrono::milliseconds deadline) {
        context_.run_for(deadline);
        if (!ended_) {
            ::kill(-child_.id(), SIGKILL);
            boost::system::error_code ignored;
            child_.terminate(ignored);
            return std::nullopt;
        }
        output_.exit_code = exit_code_of(child_.native_exit_code());
        return std::move(output_);
    }

  private:
    static constexpr std::chrono::milliseconds shortest_look{1};
    static constexpr std::chrono::milliseconds longest_look{16};

    void collect(asio::readable_pipe& pipe, std::string& text) {
        asio::async_read(pipe, asio::dynamic_buffer(text, output_limit),
                         [this](const boost::system::error_code&, std::size_t) {
                             --talking_;
                             look();
                         });
    }
    void look_after(std::chrono::milliseconds pause) {
        timer_.expires_after(pause);
        timer_.async_wait([this, pause](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                look();
                if (!ended_) {
                    look_after(talking_ == 0 ? shortest_look : std::min(2 * pause, longest_look));
                }
            }
        });
    }
    void look() {
        boost::system::error_code ignored;
        ended_ = ended_ || !child_.running(ignored);
        if (ended_ && talking_ == 0) {
            context_.stop();
        } else if (ended_) {
            timer_.expires_after(pipe_patience);
            timer_.async_wait([this](const boost::system::error_code& cancelled) {
                if (!cancelled) {
                    context_.stop();
                }
            });
        } else if (talking_ == 0) {
            look_after(shortest_look);
        }
    }

    asio::io_context context_;
    /// What a set of signals needs is there before the tool is started: afterwards nothing can
    /// fail, and an exception means that the tool has not run.
    asio::signal_set reserve_{context_, SIGCHLD};
    asio::readable_pipe out_{context_};
    asio::readable_pipe err_{context_};
    asio::steady_timer timer_{context_};
    CommandOutput output_;
    int talking_ = 2;
    bool ended_ = false;
    process::process child_;
};

/// A caller may have left SIGCHLD ignored: then the kernel would take the tools' exit codes.
void let_children_be_waited_for() {
    struct sigaction action{};
    if (::sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
        (void)std::signal(SIGCHLD, SIG_DFL);
    }
}

Result<CommandOutput> run_to_end(const std::string& program, const Argv& argv,
                                 std::chrono::milliseconds deadline) {
    let_children_be_waited_for();
    auto output = Run(program, argv).finish(deadline);
    if (!output) {
        return fail(Errc::timed_out,
                    argv[0] + " did not answer within " + std::to_string(deadline.count()) + " ms");
    }
    return std::move(*output);
}

} // namespace

Result<std::string> find_tool(const std::string& name) {
    const char* path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): single-threaded
    const std::string places = std::string(path == nullptr ? "" : path) + ":/command:/usr/bin:/bin";
    for (std::size_t begin = 0; begin <= places.size();) {
        const auto colon = std::min(places.find(':', begin), places.size());
        const std::string candidate = places.substr(begin, colon - begin) + "/" + name;
        if (candidate.front() == '/' && candidate.size() > name.size() + 1 &&
            ::access(candidate.c_str(), X_OK) == 0) {
            return Result<std::string>{candidate};
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
    try {
        return run_to_end(*program, argv, deadline);
    } catch (const std::exception& error) {
        return fail(Errc::command_failed, "cannot run " + *program + ": " + error.what());
    }
}

Error replace_self(const Argv& argv) {
    const auto program = find_tool(argv[0]);
    if (!program) {
        return program.error();
    }
    std::vector<char*> words;
    words.reserve(argv.size() + 1);
    for (const auto& word : argv) {
        words.push_back(const_cast<char*>(word.c_str())); // NOLINT: execv(3) does not write
    }
    words.push_back(nullptr);
    ::execv(program->c_str(), words.data());
    return errno_error(errno, "cannot run " + *program);
}

} // namespace gw::sys
