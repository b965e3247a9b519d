/// The boot pass as a whole: what is on the volume is looked at, decided and carried out.
#pragma once

#include "reconcile/apply.hpp"
#include "reconcile/volume.hpp"
#include "rules/plan.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "sys/effects.hpp"

namespace gw::reconcile {

/// What a pass would do now. Reads only; takes no lock.
Result<Plan> plan_pass(const store::Home& home, const Settings& settings);

/// A plan and what became of it.
struct Pass {
    Plan plan;
    Report report;
    own::Share share{}; ///< in the volume; whoever has started gateways holds it on
};

/// Makes the scandir agree with the profiles in `home`. The locks of the scandir and of the ports
/// are held from the first look to the last change. An error means that nothing was carried out;
/// what failed of a single profile is in the report. Where another member has the volume, every
/// slot is down, and nothing is written there.
Result<Pass> run_pass(sys::Effects& effects, const store::Home& home, const Settings& settings,
                      AfterPass after);

} // namespace gw::reconcile
