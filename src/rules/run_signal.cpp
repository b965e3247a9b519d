#include "rules/run_signal.hpp"

#include "base/signal_name.hpp"

#include <algorithm>
#include <array>
#include <csignal>

namespace gw {

namespace {

/// systemd(1): halt, poweroff, reboot.
constexpr int first_init_stop = 3;
constexpr int last_init_stop = 5;

bool is_for_an_init(int signal) {
    const auto real_time = real_time_signal(signal);
    return is_power_failure(signal) ||
           (real_time >= first_init_stop && real_time <= last_init_stop);
}

} // namespace

SignalMeaning meaning_of(int signal, SignalOrigin origin) {
    using enum SignalMeaning;
    const bool kernel = origin == SignalOrigin::kernel;
    if (is_for_an_init(signal)) {
        return stop;
    }
    switch (signal) {
    case SIGTERM:
        return stop;
    case SIGINT:
    case SIGQUIT:
        return kernel ? interrupt : stop;
    case SIGHUP:
        return kernel ? stop : gateways_own;
    case SIGUSR1:
        return restart;
    case SIGCHLD:
        return look;
    case SIGPIPE:
    case SIGXFSZ:
        return nothing;
    case SIGXCPU:
        return kernel ? nothing : gateways_own;
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return job_control;
    default:
        return gateways_own;
    }
}

int passed_on_stop(int signal) {
    return is_for_an_init(signal) ? SIGTERM : signal;
}

bool comes_from_terminals(int signal) {
    constexpr std::array sent = {SIGINT, SIGQUIT, SIGHUP, SIGWINCH, SIGCONT};
    return std::find(sent.begin(), sent.end(), signal) != sent.end();
}

} // namespace gw
