/// What `gateway_state.json` says, as far as this tool needs it.
#pragma once

#include "base/json_object.hpp"
#include "base/moment.hpp"
#include "base/process.hpp"
#include "rules/intent.hpp"

#include <optional>
#include <string>

namespace gw {

/// The part of the state file that decisions look at. The rest belongs to the gateway.
struct GatewayState {
    std::optional<std::string> gateway_state; ///< as written; may hold anything
    std::optional<DesiredWord> desired;       ///< `desired_state`; nullopt when absent or null
    std::optional<std::uint64_t> desired_generation;
    std::optional<ProcessIdentity> process; ///< `pid` and `start_time`
    bool restart_requested = false;
    std::optional<std::string> last_steady_state; ///< what `run` has found when it began to start
    /// `updated_at`: RFC 3339, or seconds, which tools of the Python implementation leave there.
    std::optional<WallTime> updated_at;
};

/// The decisive fields of a parsed state file. Never fails: an odd type of a field is an answer
/// ("neither running nor stopped"), not an error.
GatewayState read_gateway_state(const Json& file);

/// Whether a gateway that last wrote this was alive then: running, draining or degraded (field
/// report #54658). starting and startup_failed are not: they would loop at every boot.
bool was_alive(const std::optional<std::string>& gateway_state);

/// Whether, with no intent to ask, the last state says that the gateway is to be up: it was alive,
/// or it stopped for a restart that has not come (the container was killed in between), or either
/// was so before it was killed while starting.
bool comes_back(const GatewayState& state);

/// Keeps, for a life that is starting, whether the one before it comes back: `starting` alone would
/// make the gateway be down for ever when it is killed in its first moment.
void keep_steady_state(Json& file);
/// Leaves of a state file that was copied from another profile what is neither of its life nor of
/// its intent.
void forget_life(Json& file);
/// The life has come to a state that answers for itself.
void drop_steady_state(Json& file);

} // namespace gw
