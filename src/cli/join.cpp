#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "own/ownership.hpp"
#include "rules/verdict.hpp"
#include "sys/command.hpp"
#include "sys/self.hpp"

namespace gw::cli {

namespace {

/// As a shell answers for what it cannot execute.
int become(const Argv& command) {
    constexpr int cannot_execute = 126;
    constexpr int no_such_command = 127;
    const auto failed = sys::replace_self_by_command(command);
    (void)report_error(failed);
    return failed.code == Errc::not_found ? no_such_command : cannot_execute;
}

} // namespace

int join(Context& context, const Words& words, sys::Effects& effects) {
    if (own::fence_here()) {
        // Nobody but `run` holds a gateway to its fence.
        Argv behind_run = {sys::own_program().value_or("gatewayctl"), "run", "--"};
        behind_run.insert(behind_run.end(), words.command().begin(), words.command().end());
        return become(behind_run);
    }
    const auto opened = context.opened();
    if (!opened) {
        (void)report_error(opened.error()); // a gateway runs all the same
        return become(words.command());
    }
    const auto share = own::ownership_of(opened->home, opened->settings)->take(effects);
    if (!share.is_ours()) {
        (void)report_error(own::refusal(share, "gatewayctl status"));
        return restart_exit_code;
    }
    (void)share.bequeath();
    return become(words.command());
}

} // namespace gw::cli
