/// The facts of `status` as text and as JSON.
#pragma once

#include "base/json_object.hpp"
#include "cli/output.hpp"
#include "inspect/status.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gw::cli {

/// RFC 3339 in UTC; `since` in seconds since the epoch.
std::string utc_text(std::int64_t since);

/// One gateway on several lines.
std::string status_block(const inspect::GatewayStatus& status, const Palette& palette);
/// Several gateways, a line each.
std::string status_table(const std::vector<inspect::GatewayStatus>& all, const Palette& palette);
/// One gateway; schema in docs/json.md.
Json status_json(const inspect::GatewayStatus& status);

} // namespace gw::cli
