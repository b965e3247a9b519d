/// How a slot differs from what this version would make.
#pragma once

#include "base/account.hpp"
#include "rules/observed.hpp"
#include "rules/plan.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"

#include <string>

namespace gw::supervise {

/// What would make it so, for gateways of that account. Up or down is the operator's, not the
/// slot's drift.
UpdateSlot due_update(const store::Home& home, const Settings& settings, const Account& account,
                      const ProfileName& profile, const ObservedSlot& slot);

/// Its paths, for people; empty when there is nothing to do.
std::string drift_of(const UpdateSlot& update);

} // namespace gw::supervise
