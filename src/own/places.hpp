/// Which gateways have their place here, where a fleet gives each one a place of its own.
#pragma once

#include "base/profile_name.hpp"
#include "rules/settings.hpp"

#include <optional>
#include <set>
#include <string>

namespace gw::own {

class Places {
  public:
    /// As the fence of this member says now.
    static Places here(const Settings& settings);

    /// Why the gateway's place is not here (ProfileFacts::placed_elsewhere); nullopt: it is, or all
    /// gateways of the volume are in one place.
    [[nodiscard]] std::optional<std::string> elsewhere(const ProfileName& profile) const;

  private:
    std::optional<std::set<std::string, std::less<>>> held_{}; ///< nullopt: all are in one place
};

} // namespace gw::own
