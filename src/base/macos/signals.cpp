#include "base/signal_name.hpp"

#include <array>
#include <csignal>

namespace gw {

namespace {

/// In the order of <sys/signal.h>; nothing has the number 0.
constexpr std::array<std::string_view, 32> names = {
    "",     "HUP", "INT",  "QUIT", "ILL",    "TRAP", "ABRT",  "EMT",  "FPE",  "KILL", "BUS",
    "SEGV", "SYS", "PIPE", "ALRM", "TERM",   "URG",  "STOP",  "TSTP", "CONT", "CHLD", "TTIN",
    "TTOU", "IO",  "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "INFO", "USR1", "USR2"};
static_assert(names.size() == NSIG && names[SIGTERM] == "TERM" && names[SIGUSR2] == "USR2");

} // namespace

std::string_view short_signal_name(int number) {
    return number > 0 && number < NSIG ? names.at(static_cast<std::size_t>(number))
                                       : std::string_view();
}

std::optional<int> real_time_signal(int /*number*/) {
    return std::nullopt;
}

bool is_power_failure(int /*number*/) {
    return false;
}

} // namespace gw
