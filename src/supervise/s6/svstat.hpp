/// What s6-svstat(1) answers.
#pragma once

#include "base/error.hpp"
#include "rules/observed_service.hpp"

#include <string_view>

namespace gw::supervise {

/// What `s6-svstat -o` was asked for, in the order of the question; parsed here, so that its text
/// form (which differs between s6 2.11 and 2.15) is never looked at. Errc::command_failed for
/// nonsense.
Result<ObservedService> parse_svstat(std::string_view line);
inline constexpr const char* svstat_fields =
    "pid,up,wantedup,ready,exitcode,signum,updownfor,updownsince";

/// For a finish script, in whose directory it is called: whether s6-supervise had been told to take
/// this service down (by s6-svc, or because s6-svscan ends) when it ended. False where s6 does not
/// answer.
bool was_commanded_down();

} // namespace gw::supervise
