/// Gathers the facts that a plan is made from. Reads only.
#pragma once

#include "base/argv.hpp"
#include "rules/plan.hpp"
#include "rules/service_settings.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "supervise/s6/scandir.hpp"

#include <optional>
#include <vector>

namespace gw::reconcile {

/// Everything the files of the profiles say and what the scandir holds. What cannot be read of one
/// profile is part of the answer, never an error that stops the rest.
Result<Observation> observe(const store::Home& home,
                            const std::optional<supervise::Scandir>& scandir,
                            const Settings& settings);

} // namespace gw::reconcile
