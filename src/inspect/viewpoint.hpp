/// From where everything that only tells looks: the same facts for every reader.
#pragma once

#include "base/moment.hpp"
#include "own/places.hpp"
#include "rules/container_facts.hpp"
#include "rules/decision.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "supervise/manager.hpp"

namespace gw::inspect {

struct Viewpoint {
    const supervise::ServiceManager& manager;
    const store::Home& home;
    const Settings& settings;
    ContainerFacts here; ///< whether gateways run here at all
    Moment now{};        ///< ages and times to come count from here
    Standing owner{};    ///< of the volume
    own::Places places{};
};

/// As of now.
Viewpoint viewpoint(const supervise::ServiceManager& manager, const store::Home& home,
                    const Settings& settings);

/// The same without a look at every process for the command of the container, which only ever
/// excuses what else would be trouble: what is well from here is well.
Viewpoint strict_viewpoint(const supervise::ServiceManager& manager, const store::Home& home,
                           const Settings& settings);

} // namespace gw::inspect
