/// Root and the account that runs the gateways. What only root can do comes first, and without a
/// look at what is on the volume; everything else is done as that account.
#pragma once

#include "base/account.hpp"
#include "rules/settings.hpp"
#include "sys/effects.hpp"

#include <string>

namespace gw::operate {

/// The account that acts on the home and runs its gateways (rules/runner.hpp), from what root knows
/// by itself: flags, environment, the account files, and owner and mode of the home. The home is
/// not opened for reading. `told.home` is an absolute path.
Result<Account> settle_runner(const Surroundings& told);

/// Makes the scandir, gives it to that account as far as only root can swap its entries
/// (supervise/s6/prepare.hpp), and becomes the account for good.
Result<void> hand_over_scandir(sys::Effects& effects, const std::string& scandir,
                               const Account& account);

} // namespace gw::operate
