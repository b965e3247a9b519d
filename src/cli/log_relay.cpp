#include "run/log_relay.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

int log_relay(Context& /*context*/, const Words& words) {
    auto signals = sys::SignalEvents::open();
    const auto done = signals ? run::relay_log(words.command(), *signals, {})
                              : Result<void>(std::unexpected(signals.error()));
    return done ? exit_status::done : report_error(done.error());
}

} // namespace gw::cli
