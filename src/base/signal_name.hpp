/// Signals by the names that people know.
#pragma once

#include <string>

namespace gw {

/// "SIGKILL", "SIGRTMIN+3"; "signal 99" for a number that has no name.
std::string signal_name(int number);

} // namespace gw
