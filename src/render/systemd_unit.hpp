/// The text of a gateway's systemd unit. Pure.
#pragma once

#include "rules/host_service.hpp"

namespace gw {

/// First version that can let the restart delay grow (RestartSteps=, systemd 254).
inline constexpr int systemd_with_restart_steps = 254;

/// `<name>.service`.
std::string unit_file_name(const HostService& service);

/// The unit. How a gateway lives under systemd, and why, is said in the unit's own comments,
/// because that is where an operator looks. `systemd_version` as `systemctl --version` says it.
/// Errc::bad_config for what no unit can hold (see check_service_path; a variable with control
/// characters other than tab and newline, or not UTF-8).
Result<std::string> render_unit(const HostService& service, Scope scope, int systemd_version);

/// What has a unit in its wants that starts with the machine, or with the user's systemd.
std::string_view target_of(Scope scope);

/// The home that a unit was rendered for; nullopt when it is none of this tool's.
std::optional<std::string> home_of_unit(std::string_view text);

/// In what the installed unit differs from the rendered one, in one line for people: the names of
/// the directives. Empty: in nothing.
std::string unit_drift(std::string_view rendered, std::string_view installed);

/// One word of an ExecStart=: quoted, with `%` and `$` doubled (systemd.service(5), "Command
/// lines").
std::string exec_word(std::string_view word);

/// One `KEY=VALUE` of an Environment=: quoted, with `%` doubled; `$` means nothing there
/// (systemd.exec(5)).
std::string environment_word(std::string_view key, std::string_view value);

} // namespace gw
