/// What became of gateways, as text for a terminal, as a page for a browser, as JSON.
#pragma once

#include "base/json_object.hpp"
#include "cli/output.hpp"
#include "inspect/history.hpp"

#include <cstddef>
#include <string>

namespace gw::cli {

/// How long it was so, for people.
std::string length_of(const Span& span);

/// A line of time for each gateway, and a legend; of a single one also what it was, one after the
/// other.
std::string history_text(const inspect::History& history, std::size_t columns);
/// One file that needs nothing else.
std::string history_page(const inspect::History& history);
Json history_json(const inspect::History& history);

} // namespace gw::cli
