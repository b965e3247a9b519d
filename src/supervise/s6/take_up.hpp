/// A slot is under supervision when s6-svscan has started an s6-supervise for its service and one
/// for its logger. A slot that nobody has seen yet runs nothing, whatever its files say.
#pragma once

#include "supervise/s6/slot.hpp"

#include <span>
#include <vector>

namespace gw::supervise {

/// Asks s6-svscan to look at the scandir, and waits until it has taken up all of these slots; as
/// long as it goes on taking up some, it is waited for. Answers with those that it did not take up.
std::vector<SlotFailure> take_up(sys::Effects& effects, const Scandir& scandir,
                                 std::span<const ProfileName> profiles);

} // namespace gw::supervise
