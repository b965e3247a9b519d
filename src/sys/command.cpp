#include "sys/command.hpp"

#include "sys/errno_error.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/stdio.hpp>
#include <csignal>
#include <cstdlib>
#include <unistd.h>

namespace gw::sys {

namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;

/// Reads a pipe to its end into `text`.
void collect(asio::readable_pipe& pipe, std::string& text) {
    asio::async_read(pipe, asio::dynamic_buffer(text),
                     [](const boost::system::error_code&, std::size_t) {});
}

int exit_code_of(int native) {
    return WIFSIGNALED(native) ? 128 + WTERMSIG(native) : WEXITSTATUS(native);
}

Result<CommandOutput> run_to_end(const std::string& program, const Argv& argv,
                                 std::chrono::milliseconds deadline) {
    asio::io_context context;
    asio::readable_pipe out(context);
    asio::readable_pipe err(context);
    CommandOutput output;
    process::process child(context, program, Argv(argv.begin() + 1, argv.end()),
                           process::process_stdio{nullptr, out, err});
    collect(out, output.out);
    collect(err, output.err);
    bool ended = false;
    // What the handler is given has lost the difference between code 9 and signal 9.
    child.async_wait([&](const boost::system::error_code&, int) {
        ended = true;
        output.exit_code = exit_code_of(child.native_exit_code());
    });
    context.run_for(deadline);
    if (!ended) {
        boost::system::error_code ignored;
        child.terminate(ignored);
        return fail(Errc::timed_out, argv[0] + " did not end within " +
                                         std::to_string(deadline.count()) + " ms and was killed");
    }
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
