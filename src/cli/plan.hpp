/// `plan`, shared with `reconcile --dry-run`.
#pragma once

#include "cli/globals.hpp"

namespace gw::cli {

enum class PlanExit { simple, detailed };

/// Reads, decides, prints. Never makes a `sys::Effects`, so nothing can be touched.
int run_plan(const Globals& globals, PlanExit exit);

} // namespace gw::cli
