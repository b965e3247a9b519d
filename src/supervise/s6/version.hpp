/// Which s6 this is; its tools do not say. Reads only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gw::supervise {

/// By where a tool lies, as s6-overlay and the slashpackage convention have it:
/// "/package/admin/s6-2.12.0.3/command/s6-svscan". Pure.
std::optional<std::string> s6_version_in(std::string_view path);

/// By the path of its s6-svscan, else by Debian's package; empty where neither tells.
std::string s6_version();

} // namespace gw::supervise
