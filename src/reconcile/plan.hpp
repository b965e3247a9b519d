/// The plan of a boot pass: what is wanted, rendered, and compared with what is there.
#pragma once

#include "rules/plan.hpp"

#include <functional>

namespace gw::reconcile {

/// What the scandir holds under the name of a profile's slot.
using LookAtSlot = std::function<ObservedSlot(const ProfileName&)>;

/// `keeper`: what the service that keeps the volume consists of, where it is wanted. Each slot is
/// looked at by `look` when its profile's turn comes, and forgotten when it has been compared: the
/// files of all of them at once would be large. It is called as `sys::for_each_side_by_side` says.
/// Without `look` the observation has the slots, and this is pure.
Plan make_plan(Observation observation, RenderedSlot keeper = {}, const LookAtSlot& look = {});

} // namespace gw::reconcile
