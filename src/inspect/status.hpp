/// Everything `status` tells about one gateway: the supervisor's word, the operator's intent, and
/// what the gateway wrote about itself. Reads only.
#pragma once

#include "base/finding.hpp"
#include "rules/container_facts.hpp"
#include "rules/decision.hpp"
#include "rules/marker.hpp"
#include "store/home.hpp"
#include "store/intent_store.hpp"
#include "store/park.hpp"
#include "supervise/manager.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::inspect {

struct GatewayStatus {
    ProfileName profile = ProfileName::root();
    ObservedService service;
    std::optional<Error> service_error; ///< the supervisor could not be asked: then the rest of
                                        ///< `service` is unknown
    bool has_directory = false;
    store::IntentFiles intent;
    PriorExit prior_exit = PriorExit::unknown;
    std::string prior_exit_detail;
    std::optional<store::Parked> parked;
    std::optional<std::uint16_t> port;
    std::optional<Unregistration> unregistered; ///< as long as it counts
    std::optional<Marker> pending_marker;       ///< a stop is asked for and not yet carried out
    std::optional<ProcessIdentity> outside;     ///< a gateway that its supervisor does not know
    std::vector<Finding> findings;              ///< what a person should look at
};

/// `here` is what it takes to know whether the gateway runs here at all.
GatewayStatus gateway_status(const supervise::ServiceManager& manager, const store::Home& home,
                             const ContainerFacts& here, const ProfileName& profile);

/// running, starting, stopping, restarting, stopped, parked, unsupervised, unregistered or unknown.
std::string_view state_word(const GatewayStatus& status);

} // namespace gw::inspect
