#include "base/signal_name.hpp"

#include <csignal>
#include <cstring>

namespace gw {

std::string_view short_signal_name(int number) {
    const char* name = ::sigabbrev_np(number);
    return name == nullptr ? std::string_view() : std::string_view(name);
}

std::optional<int> real_time_signal(int number) {
    return number >= SIGRTMIN && number <= SIGRTMAX ? std::optional(number - SIGRTMIN)
                                                    : std::nullopt;
}

bool is_power_failure(int number) {
    return number == SIGPWR;
}

} // namespace gw
