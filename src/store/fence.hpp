/// The fence of a fleet's member (rules/fence.hpp) as files: `lease`, and `places/PROFILE` with the
/// fencing token of each place that the member has (`places/.all`: it has all of the volume).
///
/// The directory lies on the member's own tmpfs, never on the volume: what is written there ends
/// with the member, and no other one sees it. `GATEWAYCTL_FENCE` names it to gateways. The agent
/// alone writes, each file atomically; readers need no lock.
#pragma once

#include "rules/fence.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <map>
#include <optional>
#include <string>

namespace gw::store {

/// The fence as a gateway of this profile finds it. What cannot be read counts as absent, and
/// `problem` says why: where nobody can tell, nothing runs.
Fence read_fence(const std::string& directory, const ProfileName& profile);
/// The lease alone.
std::optional<Lease> read_lease(const sys::Directory& fence);
/// The tokens of the places that are written down, by file name (`FencedPlace`); what is no token
/// is left out. For an agent that begins anew beside gateways that still run.
Result<std::map<std::string, FencingToken>> list_places(const sys::Directory& fence);

/// The directory, made with its parents where it is missing; what lies in it stays.
Result<sys::Directory> make_fence(sys::Effects& effects, const std::string& directory);
/// At each renewal.
Result<void> write_lease(sys::Effects& effects, const sys::Directory& fence, const Lease& lease);
/// Nothing may run from now on: gateways that still do are killed, not drained.
Result<void> remove_lease(sys::Effects& effects, const sys::Directory& fence);
/// When the place was taken, and never again while it is held: under another token the gateway ends
/// at once, because another member may have had the place in between.
Result<void> write_place(sys::Effects& effects, const sys::Directory& fence,
                         const FencedPlace& place, FencingToken token);
/// After the gateway's end and before the place is given back; a gateway that still runs is killed.
Result<void> remove_place(sys::Effects& effects, const sys::Directory& fence,
                          const FencedPlace& place);

} // namespace gw::store
