/// Signals by their names. Which of them a system has differs: base/linux and base/macos.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// "SIGKILL", "SIGRTMIN+3"; "signal 99" for a number that has no name.
std::string signal_name(int number);

/// "KILL"; empty for a number that has no name.
std::string_view short_signal_name(int number);

/// 3 for SIGRTMIN+3; nullopt for any other signal.
std::optional<int> real_time_signal(int number);

/// SIGPWR, by which a container of LXC is stopped.
bool is_power_failure(int number);

} // namespace gw
