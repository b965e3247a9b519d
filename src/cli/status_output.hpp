/// The facts of `status` as text and as JSON.
#pragma once

#include "base/json_object.hpp"
#include "cli/output.hpp"
#include "inspect/overview.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

/// How long ago that was; `since` in seconds since the epoch.
std::string age_text(std::int64_t since);
std::string exit_text(const std::optional<LastExit>& exit);
/// "draining, 12 of 60 s"
std::string drain_text(const inspect::DrainProgress& drain);
std::string intent_text(const inspect::GatewayStatus& status);
std::string coloured_state(const inspect::GatewayStatus& status, const Palette& palette);

/// One gateway on several lines; the last ones of its log below.
std::string status_block(const inspect::GatewayStatus& status, const Palette& palette,
                         const std::vector<std::string>& log);

enum class Breadth {
    narrow, ///< fits a terminal
    wide,   ///< has everything, and lines of any length
};

struct TableForm {
    enum class Which { all, in_trouble };
    Breadth breadth = Breadth::narrow;
    Which which = Which::all;
    std::optional<std::size_t> columns; ///< nullopt: lines of any length
};

/// A line each, trouble first.
std::string overview_table(const inspect::Overview& all, const Palette& palette,
                           const TableForm& form);
/// "12 running, 1 parked, 1 invalid"
std::string counts_line(const inspect::Counts& counts);

/// One gateway; schema in docs/json.md.
Json status_json(const inspect::GatewayStatus& status);
/// Services of others and names that cannot be profiles, and how many there are of each state.
void add_overview_json(Json& root, const inspect::Overview& all);

} // namespace gw::cli
