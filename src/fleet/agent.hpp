/// The service that keeps a member in its fleet: it has the member's lease, takes what the member
/// is to have, and has `gatewayctl` bring it up or down. It does nothing on the volume itself, so
/// that a volume that hangs keeps no lease from being renewed.
#pragma once

#include "base/error.hpp"
#include "rules/settings.hpp"
#include "sys/effects.hpp"

#include <functional>
#include <string>

namespace gw::fleet {

struct AgentPlace {
    std::string home;
    const Settings& settings;
    std::string gatewayctl; ///< the program
    /// Told when it has begun; whether etcd answers is another matter.
    std::function<void()> is_ready;
};

/// Until SIGTERM or SIGINT: then the gateways of this member are drained, and its lease is given
/// back, so that others need not wait for its end. SIGHUP: only this process ends, and the next
/// agent goes on with the same lease. An error, Errc::bad_config, means that nothing has begun.
Result<void> run_agent(sys::Effects& effects, const AgentPlace& place);

} // namespace gw::fleet
