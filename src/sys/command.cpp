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
#include <functional>
#include <memory>
#include <unistd.h>
#include <utility>

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
/// `run`), and pidfd_open(2) may be refused. It lives as long as something of it is waited for.
class Run : public std::enable_shared_from_this<Run> {
  public:
    using Then = std::function<void(Result<CommandOutput>)>;

    /// Starts the tool; an exception means that it has not run.
    Run(asio::io_context& context, const std::string& program, const Argv& argv)
        : reserve_(context, SIGCHLD), out_(context), err_(context), looks_(context),
          limit_(context), child_(context, program, Argv(argv.begin() + 1, argv.end()),
                                  process::process_stdio{nullptr, out_, err_}, OwnProcessGroup{}) {}

    /// `then` hears of the end once: with what the tool has said, or with Errc::timed_out, and then
    /// it and its children have been killed.
    void watch(std::string name, std::chrono::milliseconds deadline, Then then) {
        then_ = std::move(then);
        collect(out_, output_.out);
        collect(err_, output_.err);
        look_after(shortest_look);
        limit_.expires_after(deadline);
        limit_.async_wait([self = shared_from_this(), name = std::move(name),
                           deadline](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                self->give_up(name, deadline);
            }
        });
    }

  private:
    static constexpr std::chrono::milliseconds shortest_look{1};
    static constexpr std::chrono::milliseconds longest_look{16};

    void collect(asio::readable_pipe& pipe, std::string& text) {
        asio::async_read(
            pipe, asio::dynamic_buffer(text, output_limit),
            [self = shared_from_this()](const boost::system::error_code&, std::size_t) {
                --self->talking_;
                self->look();
            });
    }
    void look_after(std::chrono::milliseconds pause) {
        looks_.expires_after(pause);
        looks_.async_wait(
            [self = shared_from_this(), pause](const boost::system::error_code& cancelled) {
                // A look that was due together with the deadline still comes after it.
                if (cancelled || !self->then_) {
                    return;
                }
                self->look();
                if (self->then_ && !self->ended_) {
                    self->look_after(self->talking_ == 0 ? shortest_look
                                                         : std::min(2 * pause, longest_look));
                }
            });
    }
    void look() {
        if (!then_) {
            return;
        }
        boost::system::error_code ignored;
        ended_ = ended_ || !child_.running(ignored);
        if (ended_ && talking_ == 0) {
            say_end();
        } else if (ended_) {
            looks_.expires_after(pipe_patience);
            looks_.async_wait(
                [self = shared_from_this()](const boost::system::error_code& cancelled) {
                    if (!cancelled) {
                        self->say_end();
                    }
                });
        } else if (talking_ == 0) {
            look_after(shortest_look);
        }
    }
    void say_end() {
        output_.exit_code = exit_code_of(child_.native_exit_code());
        finish(std::move(output_));
    }
    void give_up(const std::string& name, std::chrono::milliseconds deadline) {
        if (ended_) {
            return say_end();
        }
        ::kill(-child_.id(), SIGKILL);
        boost::system::error_code ignored;
        child_.terminate(ignored);
        finish(fail(Errc::timed_out,
                    name + " did not answer within " + std::to_string(deadline.count()) + " ms"));
    }
    /// What is still waited for hears that it is over, and lets go of this run.
    void finish(Result<CommandOutput> result) {
        const auto then = std::exchange(then_, nullptr);
        boost::system::error_code ignored;
        out_.close(ignored);
        err_.close(ignored);
        looks_.cancel();
        limit_.cancel();
        if (then) {
            then(std::move(result));
        }
    }

    /// What a set of signals needs is there before the tool is started: afterwards nothing can
    /// fail.
    asio::signal_set reserve_;
    asio::readable_pipe out_;
    asio::readable_pipe err_;
    asio::steady_timer looks_;
    asio::steady_timer limit_;
    CommandOutput output_;
    Then then_;
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

/// Runs tools side by side, at most `most_tools_at_once`; fewer where the system has no room.
class Crowd {
  public:
    Crowd(std::span<const Argv> tools, std::chrono::milliseconds deadline)
        : tools_(tools), deadline_(deadline),
          results_(tools.size(), fail(Errc::command_failed, "it was not started")) {}

    std::vector<Result<CommandOutput>> run() {
        let_children_be_waited_for();
        start_more();
        context_.run();
        return std::move(results_);
    }

  private:
    void start_more() {
        while (next_ < tools_.size() && running_ < room_) {
            if (auto started = start(next_); !started) {
                if (running_ > 0) {
                    room_ = running_; // it is tried again when one of them has ended
                    return;
                }
                results_[next_] = std::unexpected(std::move(started.error()));
            }
            ++next_;
        }
    }
    Result<void> start(std::size_t index) {
        const Argv& argv = tools_[index];
        const auto program = find_tool(argv[0]);
        if (!program) {
            return std::unexpected(program.error());
        }
        try {
            const auto run = std::make_shared<Run>(context_, *program, argv);
            ++running_;
            run->watch(argv[0], deadline_, [this, index](Result<CommandOutput> result) {
                results_[index] = std::move(result);
                --running_;
                start_more();
            });
            return {};
        } catch (const std::exception& error) {
            return fail(Errc::command_failed, "cannot run " + *program + ": " + error.what());
        }
    }

    std::span<const Argv> tools_;
    std::chrono::milliseconds deadline_;
    std::vector<Result<CommandOutput>> results_;
    std::size_t next_ = 0;
    std::size_t running_ = 0;
    std::size_t room_ = most_tools_at_once;
    asio::io_context context_;
};

} // namespace

Result<std::string> find_tool(const std::string& name) {
    if (name.starts_with('/') && ::access(name.c_str(), X_OK) == 0) {
        return name;
    }
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

std::vector<Result<CommandOutput>> query_all(std::span<const Argv> tools,
                                             std::chrono::milliseconds deadline) {
    try {
        return Crowd(tools, deadline).run();
    } catch (const std::exception& error) {
        std::vector<Result<CommandOutput>> none;
        for (const auto& argv : tools) {
            none.emplace_back(
                fail(Errc::command_failed, "cannot run " + argv[0] + ": " + error.what()));
        }
        return none;
    }
}

Result<CommandOutput> query(const Argv& argv, std::chrono::milliseconds deadline) {
    return std::move(query_all({&argv, 1}, deadline).front());
}

namespace {

std::vector<char*> words_of(const Argv& argv) {
    std::vector<char*> words;
    words.reserve(argv.size() + 1);
    for (const auto& word : argv) {
        words.push_back(const_cast<char*>(word.c_str())); // NOLINT: execv(3) does not write
    }
    words.push_back(nullptr);
    return words;
}

} // namespace

Error replace_self(const Argv& argv) {
    const auto program = find_tool(argv[0]);
    if (!program) {
        return program.error();
    }
    ::execv(program->c_str(), words_of(argv).data());
    return errno_error(errno, "cannot run " + *program);
}

Error replace_self_by_command(const Argv& argv) {
    ::execvp(argv[0].c_str(), words_of(argv).data());
    return errno_error(errno, "cannot execute " + argv[0]);
}

} // namespace gw::sys
