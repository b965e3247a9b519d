/// The stop of a whole tree of the user's own. Nothing is to be decided at the end of a gateway
/// then, so none of the slots runs its `finish`, which would be a process or two for each;
/// s6-supervise keeps how each one ended, and that is recorded when the last one has.
#pragma once

#include "base/moment.hpp"
#include "rules/observed_service.hpp"
#include "rules/slot_files.hpp"
#include "supervise/s6/scandir.hpp"
#include "sys/effects.hpp"

#include <vector>

namespace gw::supervise {

/// Puts what s6-svscan runs at SIGTERM and at its end into `.s6-svscan`.
Result<void> write_tree_stop(sys::Effects& effects, const Scandir& scandir,
                             const std::vector<SlotFile>& files);

/// Takes `finish` away from each slot of this home whose end can be read afterwards
/// (`untold_ends`). The others keep it, and it tells of their end as ever. The next boot pass puts
/// it back.
void take_finish_away(sys::Effects& effects, const Scandir& scandir, const store::Home& home);

/// An end that no `finish` has told of.
struct UntoldEnd {
    ProfileName profile;
    LastExit how;
    WallTime at{};
};

/// Of the slots whose `finish` was taken away. Each is told of until `forget_end`.
std::vector<UntoldEnd> untold_ends(const Scandir& scandir, const store::Home& home);
void forget_end(sys::Effects& effects, const Scandir& scandir, const ProfileName& profile);

} // namespace gw::supervise
