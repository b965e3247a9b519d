/// The plan of a boot pass: what is wanted, rendered, and compared with what is there. Pure.
#pragma once

#include "rules/plan.hpp"

namespace gw::reconcile {

/// `keeper`: what the service that keeps the volume consists of, where it is wanted.
Plan make_plan(Observation observation, RenderedSlot keeper = {});

} // namespace gw::reconcile
