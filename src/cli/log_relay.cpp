#include "run/log_relay.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

int log_relay(Context& context, const Words& words, sys::Effects& effects) {
    auto signals = sys::SignalEvents::open();
    if (!signals) {
        return report_error(signals.error());
    }
    const auto directory = words.value("--directory");
    const auto done = run::relay_log(
        directory ? run::loggers_of_slot(effects, *directory,
                                         context.globals().profile.value_or("default"))
                  : run::Loggers{words.command(), {}},
        *signals, {});
    return done ? exit_status::done : report_error(done.error());
}

} // namespace gw::cli
