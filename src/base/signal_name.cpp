#include "base/signal_name.hpp"

#include <csignal>
#include <fmt/format.h>

namespace gw {

std::string signal_name(int number) {
    if (number >= SIGRTMIN && number <= SIGRTMAX) {
        return fmt::format("SIGRTMIN+{}", number - SIGRTMIN);
    }
    const char* name = ::sigabbrev_np(number);
    return name == nullptr ? fmt::format("signal {}", number) : fmt::format("SIG{}", name);
}

} // namespace gw
