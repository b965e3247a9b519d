/// Who holds a profile outside of its supervisor: an orphan whose supervisor was killed, a gateway
/// that somebody has started by hand, one in another container. Verified means that it is gone,
/// too.
#pragma once

#include "base/process.hpp"
#include "store/home.hpp"
#include "sys/directory.hpp"

#include <optional>

namespace gw::operate {

/// The live holder of the profile (store/holder.hpp), of whichever implementation, unless it is
/// `supervised`. Only one of the gateways' user: who can write the records can name any process.
std::optional<ProcessIdentity> holder_outside(const store::Home& home,
                                              const sys::Directory& profile,
                                              const std::optional<ProcessIdentity>& supervised);

/// SIGTERM, and SIGCONT in case that it is stopped: what its supervisor would do.
void tell_to_end(const ProcessIdentity& holder);

/// SIGKILL.
void kill_holder(const ProcessIdentity& holder);

} // namespace gw::operate
