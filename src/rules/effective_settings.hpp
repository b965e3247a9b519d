/// What each setting is in the end, and who has said so. Pure.
#pragma once

#include "rules/setting_table.hpp"
#include "rules/settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace gw {

/// Where in a configuration file each setting stands that counts.
using SettingPlaces = std::map<Setting, std::string>;

struct EffectiveSetting {
    Setting setting;
    std::string value;  ///< empty: nothing was said, and nothing follows
    std::string origin; ///< "--home", "GATEWAYCTL_DRAIN_TIMEOUT", "/etc/gatewayctl.yaml:3",
                        ///< "default"
};

/// In the order of the table. `settings` must be made of the other three: flags beat environment
/// beats file beats default. A variable whose value was refused is not where its setting comes
/// from.
std::vector<EffectiveSetting> effective_settings(const Flags& flags,
                                                 const EnvironmentLookup& environment,
                                                 const SettingPlaces& places,
                                                 const Settings& settings);

} // namespace gw
