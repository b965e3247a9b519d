#include "base/signal_name.hpp"

#include <fmt/format.h>

namespace gw {

std::string signal_name(int number) {
    if (const auto real_time = real_time_signal(number)) {
        return fmt::format("SIGRTMIN+{}", *real_time);
    }
    const auto name = short_signal_name(number);
    return name.empty() ? fmt::format("signal {}", number) : fmt::format("SIG{}", name);
}

} // namespace gw
