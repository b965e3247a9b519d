/// What the hooks of a systemd unit decide (render/systemd_unit.hpp writes them into it).
#pragma once

#include "base/process.hpp"
#include "operate/after_exit.hpp"
#include "rules/host_service.hpp"

#include <functional>
#include <string_view>

namespace gw::operate {

/// $EXIT_CODE and $EXIT_STATUS of ExecStopPost: `exited 78`, `killed KILL`, `dumped SEGV`
/// (systemd.exec(5)). nullopt for anything else, also for two empty words, which mean that nothing
/// was started.
std::optional<ServiceEnd> parse_unit_end(std::string_view exit_code, std::string_view exit_status);

/// The profile that a hook is about; asked when it is needed.
using OpenProfile = std::function<Result<sys::Directory>()>;

/// Marks the stop of process `pid` as asked for, because systemd runs ExecStop when somebody stops
/// the unit. Not when the whole machine (or session) goes down: then nobody has asked. A marker
/// that names this process already is left: it was written first and says more ("restart").
Result<void> mark_unit_stop(sys::Effects& effects, Scope scope, const OpenProfile& open_profile,
                            Pid pid);

} // namespace gw::operate
