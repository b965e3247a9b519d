/// Everything that comes before a tree's s6-svscan: the scandir, the end of what an earlier tree
/// has left, the boot pass, and the words of the s6-svscan.
#pragma once

#include "reconcile/pass.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "sys/effects.hpp"
#include "tree/earlier_tree.hpp"

#include <functional>

namespace gw::tree {

struct Launch {
    const store::Home& home;
    const Settings& settings;
    IfServed if_served = IfServed::refuse;
    int ready_fd = s6_customary_fd; ///< where s6-svscan says that it listens
    /// Told of the pass when it is done.
    std::function<void(const reconcile::Pass&)> report{};
};

/// As the gateways' user. Answers with the command that is to be executed next, which has the
/// share in the volume as well, as has everything that it starts. An error means that no gateway
/// has been started; it comes within the time that an earlier tree takes to end.
Result<Argv> prepare(sys::Effects& effects, const Launch& launch, own::Share& share);

/// An s6-svscan has served this scandir before: a failure now may pass, and is worth another try.
bool was_served(const Settings& settings);

} // namespace gw::tree
