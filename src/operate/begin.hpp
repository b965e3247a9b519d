/// The first part of an operation, which is all that its caller has to live for: the intent is
/// recorded, the end is announced, the supervisor is commanded. Whatever becomes of the caller
/// afterwards, the gateway becomes what was asked for; `operate/watch.hpp` only watches.
///
/// Each has a share in the volume (own/ownership.hpp) meanwhile: where another member owns it they
/// are refused, before anything is looked at.
///
/// In this order, under one lock per profile: look, record the intent (durable; refused when the
/// volume cannot hold it, because the next boot would undo what is not recorded), announce the end
/// of the live process (marker and note), command. A command that fails gives the intent back.
#pragma once

#include "operate/operator.hpp"

namespace gw::operate {

/// Records intent stopped, announces the end, commands the stop. Errc::not_registered before
/// anything is written.
Result<Pending> begin_stop(const Operator& by, const ProfileName& profile);

/// Records intent running, unparks, registers a real profile that has no slot, commands the start.
/// A gateway that is on its way down is started once that end is over: its supervisor does that.
Result<Pending> begin_start(const Operator& by, const ProfileName& profile);

/// Records intent running, unparks, announces the end, commands the supervisor's own restart: one
/// command, which leaves nothing to be done after the end. Errc::not_registered before anything is
/// written.
Result<Pending> begin_restart(const Operator& by, const ProfileName& profile);

} // namespace gw::operate
