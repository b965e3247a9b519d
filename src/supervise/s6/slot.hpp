/// Making, changing and retiring slots in the scandir: every write of the s6 backend to it.
#pragma once

#include "rules/plan.hpp"
#include "supervise/s6/scandir.hpp"
#include "sys/effects.hpp"
#include "sys/file_lock.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace gw::supervise {

/// Held while slots are made or retired, so that a boot pass, `register` and `unregister` do not
/// meet in one slot.
Result<sys::FileLock> lock_scandir(sys::Effects& effects, const Scandir& scandir);

/// Builds the slot under a dot name and renames it into place: a supervisor never sees half a slot,
/// at any kill point. Errc::conflict when the name is taken.
Result<void> create_slot(sys::Effects& effects, const Scandir& scandir, const ProfileName& profile,
                         const std::vector<SlotFile>& files);

/// `supervise/` and `event/` of one part of a slot: "" or "log/".
Result<void> make_skeleton(sys::Effects& effects, const sys::Directory& slot,
                           const std::string& part);

/// Makes an existing slot agree, each file replaced atomically: its supervisor reads them anew at
/// the next start of the service.
Result<void> update_slot(sys::Effects& effects, const Scandir& scandir, const ProfileName& profile,
                         const UpdateSlot& update);

/// Removes slots in the order that leaves nothing behind: rename to a dot name, one
/// `s6-svscanctl -an`, wait until their supervisors are gone, remove. (Removing a live slot's
/// directory leaves the service running for ever, unreachable; measured with s6 2.11.) Returns the
/// problem of each slot that could not be retired.
struct SlotFailure {
    ProfileName profile;
    Error error;
};
std::vector<SlotFailure> retire_slots(sys::Effects& effects, const Scandir& scandir,
                                      const std::vector<ProfileName>& profiles,
                                      std::chrono::milliseconds deadline);

/// Removes what an interrupted pass left; a retired slot only after its supervisor is gone.
Result<void> clean_leftover(sys::Effects& effects, const Scandir& scandir, const std::string& name,
                            std::chrono::milliseconds deadline);

/// Asks s6-svscan to look at the scandir again.
Result<void> rescan(sys::Effects& effects, const Scandir& scandir);

/// Tells s6-svscan to take everything down and to end; asynchronous.
Result<void> end_svscan(sys::Effects& effects, const Scandir& scandir);

/// Tells the s6-supervise of the service in that directory of the scandir, and that of its logger,
/// to bring it down and to end with it; asynchronous.
Result<void> end_supervisors(sys::Effects& effects, const Scandir& scandir,
                             const std::string& name);

/// Takes `down` away and tells the supervisor of a slot to bring it up and keep it up
/// (`s6-svc -U`).
Result<void> bring_up(sys::Effects& effects, const Scandir& scandir, const ProfileName& profile);

} // namespace gw::supervise
