/// One gateway per profile: the lock of `gatewayctl run`, and how it is come by.
#pragma once

#include "store/holder.hpp"
#include "sys/effects.hpp"
#include "sys/file_lock.hpp"

#include <chrono>

namespace gw::store {

/// A new instance of one profile replaces a live one, or fails when there is one.
enum class Replace { never, live_one };

struct RunClaim {
    Replace replace = Replace::never;
    /// How long the one that is replaced may take to end.
    std::chrono::milliseconds patience{0};
};

struct RunLock {
    sys::FileLock lock;
    Arrival arrival = Arrival::free;
};

/// Takes the run lock; the kernel gives it back when this process dies. What the holder before has
/// left in `gateway.pid` is gone then. Errc::conflict, with the holder, when another gateway of
/// this profile runs, of whichever implementation, and is not to be replaced, is being replaced by
/// somebody else, or has itself replaced one less than `takeover_truce` ago. With Replace::live_one
/// the holder gets a takeover marker and SIGTERM; only a process of this user that holds this very
/// profile is ever touched (field reports #30155, #60269).
Result<RunLock> claim_run(sys::Effects& effects, const sys::Directory& profile,
                          const RunClaim& claim);

/// Two supervisors that replace each other's gateway would do so for ever.
inline constexpr std::chrono::seconds takeover_truce{60};

} // namespace gw::store
