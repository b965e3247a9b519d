/// Everything `status` tells about one gateway: the supervisor's word, the operator's intent, what
/// the next boot decides, and what the gateway wrote about itself. Reads only.
#pragma once

#include "base/finding.hpp"
#include "inspect/viewpoint.hpp"
#include "rules/death_budget.hpp"
#include "rules/decision.hpp"
#include "rules/last_life.hpp"
#include "rules/marker.hpp"
#include "store/intent_store.hpp"
#include "store/park.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::inspect {

/// How far a gateway is that finishes its work.
struct DrainProgress {
    seconds elapsed{0};
    seconds limit{0};
};

struct GatewayStatus {
    ProfileName profile = ProfileName::root();
    ObservedService service;
    std::optional<Error> service_error; ///< the supervisor could not be asked: then the rest of
                                        ///< `service` is unknown
    bool has_directory = false;
    store::IntentFiles intent;
    LifeTraces traces; ///< of its last life, or of the one that goes on
    PriorExit prior_exit = PriorExit::unknown;
    std::string prior_exit_detail;
    std::optional<store::Parked> parked;
    DeathTally deaths;                  ///< in a row
    int death_budget = 0;               ///< with so many it is parked
    std::optional<WallTime> next_start; ///< while it is down between two lives
    std::optional<DrainProgress> drain; ///< while it finishes its work
    std::optional<Decision> decision;   ///< of the next boot; nullopt where a host decides
    std::optional<std::uint16_t> port;
    std::optional<Unregistration> unregistered; ///< as long as it counts
    std::optional<Marker> pending_marker;       ///< a stop is asked for and not yet carried out
    bool stale_marker = false;                  ///< of a stop, and it can match nobody any more
    std::optional<ProcessIdentity> outside;     ///< a gateway that its supervisor does not know
    std::vector<Finding> findings;              ///< what a person should look at, the worst first
};

GatewayStatus gateway_status(const Viewpoint& from, const ProfileName& profile);
/// The same for many: the supervisor is asked about all of them in one go.
std::vector<GatewayStatus> gateway_statuses(const Viewpoint& from,
                                            std::span<const ProfileName> profiles);

/// The same with less asked of the supervisor: nothing is known of drift.
std::vector<GatewayStatus> glances(const Viewpoint& from, std::span<const ProfileName> profiles);

/// running, starting, stopping, restarting, stopped, parked, unsupervised, unregistered, foreign
/// (somebody else's service has its name) or unknown.
std::string_view state_word(const GatewayStatus& status);

/// Whether something of it is not as its operator wants it.
bool is_in_trouble(const GatewayStatus& status);

} // namespace gw::inspect
