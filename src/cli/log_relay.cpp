#include "run/log_relay.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

namespace {

/// In a fleet the gateway's next place may be another member's, whose logger needs the directory.
run::RelayLimits limits_of(Context& context) {
    constexpr std::chrono::milliseconds soon{1000};
    run::RelayLimits limits;
    const auto settings = context.settings();
    if (settings && (*settings)->fleet) {
        limits.rest_after = soon;
    }
    return limits;
}

} // namespace

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
        *signals, limits_of(context));
    return done ? exit_status::done : report_error(done.error());
}

} // namespace gw::cli
