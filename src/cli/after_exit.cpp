#include "operate/after_exit.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "operate/fenced_family.hpp"
#include "supervise/s6/svstat.hpp"
#include "sys/log.hpp"

#include <csignal>

namespace gw::cli {

namespace {

/// What s6-supervise gives to finish as the exit code of a process that a signal ended.
constexpr int ended_by_signal = 256;

operate::ServiceEnd end_of(const Words& words) {
    const int code = words.integer("code").value_or(0);
    const int signal = words.integer("signal").value_or(0);
    return {code, code >= ended_by_signal ? std::optional(signal) : std::nullopt,
            supervise::was_commanded_down()};
}

} // namespace

int after_exit(Context& context, const Words& words, sys::Effects& effects) {
    const auto own = context.own_profile();
    const auto opened = own ? context.opened() : std::unexpected(own.error());
    if (!opened) {
        return report_error(opened.error());
    }
    const auto end = end_of(words);
    const auto volume = own::ownership_of(opened->home, opened->settings, own->name);
    if (const auto fence = own::fence_here()) {
        if (end.signal == SIGKILL && !operate::end_fenced_family(*fence, own->name)) {
            sys::log_error("processes of this gateway survive SIGKILL (a disk that hangs?)");
        }
        if (!volume->take(effects).is_ours()) {
            return exit_status::done; // the next `run` waits at the fence
        }
    }
    const auto next = operate::after_exit(
        effects, {own->directory, own->name, *volume, opened->settings.death_budget}, end,
        operate::Pausing::here);
    if (!next) {
        return report_error(next.error());
    }
    return *next == operate::NextStart::not_wanted ? permanent_failure : exit_status::done;
}

} // namespace gw::cli
