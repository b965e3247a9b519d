/// Root and the owner of the home. What only root can do comes first; everything else is done as
/// that owner.
#pragma once

#include "base/account.hpp"
#include "store/home.hpp"
#include "sys/effects.hpp"

#include <optional>
#include <string>

namespace gw::operate {

/// When root acts on a home that belongs to somebody else, this process becomes that user for good,
/// so that no file of root's is left on the volume (field report #16480) and no path that this user
/// can swap is followed as root. Answers with the account that it has become; nullopt: it stays who
/// it was.
Result<std::optional<Account>> become_home_owner(const store::Home& home);

/// Makes the scandir, as root gives it to the owner of the home (supervise/s6/prepare.hpp), and
/// then becomes that owner. `scandir` is an absolute path.
Result<void> hand_over_scandir(sys::Effects& effects, const store::Home& home,
                               const std::string& scandir);

} // namespace gw::operate
