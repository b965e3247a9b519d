/// The plan of a boot pass: what is wanted, rendered, and compared with what is there. Pure.
#pragma once

#include "rules/plan.hpp"

namespace gw::reconcile {

Plan make_plan(Observation observation);

} // namespace gw::reconcile
