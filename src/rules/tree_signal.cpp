#include "rules/tree_signal.hpp"

#include "base/signal_name.hpp"

#include <csignal>

namespace gw {

TreeSignal tree_signal(int number) {
    if (real_time_signal(number) == 3 || is_power_failure(number)) {
        return TreeSignal::stop;
    }
    switch (number) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
        return TreeSignal::stop;
    case SIGHUP:
        return TreeSignal::rescan;
    case SIGCHLD:
        return TreeSignal::child;
    default:
        return TreeSignal::none;
    }
}

} // namespace gw
