/// The systemd of a host, in memory: as much of version 252 as gateways are run by.
#pragma once

#include "calls.hpp"

#include <string>
#include <string_view>

namespace gw::simulation {

inline constexpr const char* unit_directory = "/etc/systemd/system";
inline constexpr const char* wants_directory = "/etc/systemd/system/multi-user.target.wants";

/// Becomes the system's manager: boots what is enabled, and ends when all is down after a SIGTERM.
void play_systemd();
/// `systemctl …`, without the tool's own deadline.
ToolAnswer systemctl(const Argv& argv);
/// A datagram to $NOTIFY_SOCKET.
void tell_systemd(std::string_view message);

} // namespace gw::simulation
