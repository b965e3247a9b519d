/// Why a gateway is up or down now, and what the next boot will do, in plain sentences: what is so,
/// what proves it, what changes it. Pure; the facts are those of `status`.
#pragma once

#include "base/finding.hpp"
#include "inspect/status.hpp"

#include <string>
#include <vector>

namespace gw::inspect {

/// What a statement is about, as its `code`.
namespace topic {
inline constexpr const char* now = "now";             ///< what its supervisor says
inline constexpr const char* intent = "intent";       ///< who asked for what
inline constexpr const char* last_end = "last-end";   ///< how the last life ended
inline constexpr const char* log = "log";             ///< the last lines of its log
inline constexpr const char* next_boot = "next-boot"; ///< what is decided, and by which row
} // namespace topic

/// The order is that of a story: now, who asked, the last end, the log, the next boot; then what is
/// wrong with it, as `status` found it. `log` is what the gateway said last.
std::vector<Finding> explain(const GatewayStatus& status, const Viewpoint& from,
                             const std::vector<std::string>& log);

} // namespace gw::inspect
