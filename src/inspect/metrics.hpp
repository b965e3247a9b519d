/// The facts of `status` in the text format of Prometheus
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). Pure.
#pragma once

#include "inspect/overview.hpp"

#include <string>

namespace gw::inspect {

/// Names and units by its conventions: base units, `_seconds`, `_total` for what only grows, a
/// label for the profile. `manager` is the word of the supervisor.
std::string metrics_text(const Overview& all, std::string_view manager, std::string_view version);

} // namespace gw::inspect
