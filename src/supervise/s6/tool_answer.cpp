#include "supervise/s6/tool_answer.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace gw::supervise {

namespace {

/// s6's tools say by their exit code what went wrong; the numbers differ between 2.11 and 2.15.
Error tool_error(const Argv& argv, const sys::CommandOutput& output) {
    constexpr int unsupervised_2_11 = 100;
    constexpr int unsupervised_2_15 = 102;
    const std::string words = printable(trimmed(output.err));
    Error error{Errc::command_failed,
                fmt::format("{} failed with code {}: {}", shell_join(argv), output.exit_code,
                            words.empty() ? "it said nothing" : words),
                {}};
    if (output.exit_code == unsupervised_2_11 || output.exit_code == unsupervised_2_15) {
        error.next = "gatewayctl reconcile";
    }
    if (output.exit_code == system_call_failed &&
        words.find("ermission denied") != std::string::npos) {
        error.code = Errc::not_permitted;
        error.next = "run gatewayctl as the owner of the home, or as root";
    }
    return error;
}

} // namespace

Result<sys::CommandOutput> checked(const Argv& argv, Result<sys::CommandOutput> output) {
    if (output && output->exit_code != 0) {
        return std::unexpected(tool_error(argv, *output));
    }
    return output;
}

} // namespace gw::supervise
