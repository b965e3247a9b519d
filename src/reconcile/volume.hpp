/// Whose the volume is, as a boot pass finds it.
#pragma once

#include "own/ownership.hpp"
#include "rules/container_facts.hpp"
#include "rules/observed.hpp"
#include "supervise/s6/scandir.hpp"

#include <optional>
#include <vector>

namespace gw::reconcile {

/// What becomes of the process of a pass, and of its share in the volume.
enum class AfterPass {
    ends,
    becomes_tree, ///< everything in the tree inherits the share
};

struct VolumeView {
    ContainerFacts container; ///< with the foreign owner, when there is one
    /// Before the pass; `unknown` too where the container runs no gateways.
    Standing::Kind found = Standing::Kind::unknown;
    std::vector<Finding> findings{};
};

/// What the settings and the processes say of the container; the volume has not been looked at.
VolumeView view_of_container(const Settings& settings);

/// What a pass would find. Reads only.
VolumeView look_at_volume(const own::Ownership& volume, const Settings& settings);

/// Asks for the share under which a pass works. In a container that runs no gateways nobody asks,
/// and the share is none.
VolumeView take_volume(sys::Effects& effects, own::Ownership& volume, const Settings& settings,
                       own::Share& share);

/// Whether the service that keeps a share is wanted, and what there is of it.
void observe_keeper(const VolumeView& volume, const Settings& settings, AfterPass after,
                    const std::optional<supervise::Scandir>& scandir, Observation& observation);

} // namespace gw::reconcile
