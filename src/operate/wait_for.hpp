/// Waiting for a gateway to be what somebody else makes of it.
#pragma once

#include "base/error.hpp"
#include "operate/watch.hpp"
#include "supervise/manager.hpp"

#include <chrono>
#include <functional>
#include <span>

namespace gw::operate {

/// What is waited for.
enum class Awaited {
    up,    ///< its process runs
    ready, ///< and has said that it is ready, where it tells
    down,  ///< it does not run, and its supervisor does not bring it up again
};

/// Whether it has come. A gateway that is not registered is down.
bool has_come(Awaited what, const ObservedService& service);

/// Until it has come for all of them. It is looked at again whenever the supervisor has news, so
/// that nothing is asked in between. Errc::timed_out names the first that it has not come for;
/// errors of the supervisor end the wait.
Result<void> wait_for(const supervise::ServiceManager& manager,
                      std::span<const ProfileName> profiles, Awaited what, milliseconds limit,
                      const Clock& clock = std::chrono::steady_clock::now);

} // namespace gw::operate
