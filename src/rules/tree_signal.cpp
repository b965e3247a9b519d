#include "rules/tree_signal.hpp"

#include <csignal>

namespace gw {

TreeSignal tree_signal(int number) {
    if (number == SIGRTMIN + 3) {
        return TreeSignal::stop;
    }
    switch (number) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
#ifdef SIGPWR
    case SIGPWR:
#endif
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
