/// The service that has a share in the volume in the place of a tree that cannot, and that waits
/// for the volume in a standby member.
#pragma once

#include "reconcile/pass.hpp"

#include <functional>

namespace gw::reconcile {

struct Keeper {
    const store::Home& home;
    const Settings& settings;
    /// Told when it has its share, or begins to wait for it.
    std::function<void()> is_ready;
    /// Told of the pass that follows when the volume has come to this member.
    std::function<void(const Pass&)> report;
};

/// Takes a share, as a standby once the volume is free, and makes a boot pass when that has made
/// this member the owner. Success: it has a share, and the caller lives for it from now on, or
/// nullopt: there is nothing to keep, and the slots are down.
Result<std::optional<own::Share>> keep_volume(sys::Effects& effects, const Keeper& keeper);

} // namespace gw::reconcile
