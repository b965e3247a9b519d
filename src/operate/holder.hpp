/// Who holds a profile outside of its supervisor: an orphan whose supervisor was killed, a gateway
/// that somebody has started by hand, one in another container. Verified means that it is gone,
/// too.
#pragma once

#include "base/process.hpp"
#include "rules/observed_service.hpp"
#include "store/home.hpp"
#include "sys/directory.hpp"

#include <chrono>
#include <optional>

namespace gw::operate {

/// The live holder of the profile (store/holder.hpp), of whichever implementation, or the life that
/// its supervisor has left alive, unless it is the supervised one. Only one of the gateways' user:
/// who can write the records can name any process.
std::optional<ProcessIdentity> holder_outside(const store::Home& home,
                                              const sys::Directory& profile,
                                              const ObservedService& service);

/// SIGTERM, and SIGCONT in case that it is stopped: what its supervisor would do.
void tell_to_end(const ProcessIdentity& holder);

/// SIGKILL.
void kill_holder(const ProcessIdentity& holder);

/// Ends the process as its supervisor would have, where it is of this user: told to end, and killed
/// at the limit. Errc::timed_out when it lives on.
Result<void> end_earlier_life(const ProcessIdentity& earlier, std::chrono::milliseconds limit);

} // namespace gw::operate
