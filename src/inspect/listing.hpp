/// Everything `list` tells: what is on the volume, registered or not. Reads only.
#pragma once

#include "base/finding.hpp"
#include "store/home.hpp"
#include "supervise/manager.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::inspect {

/// A profile, or a name that cannot be one.
struct ListedProfile {
    std::string name;
    bool registered = false;
    bool unregistered = false;          ///< by an operator: the next boot makes no slot
    std::optional<std::string> intent;  ///< the operator's word; nullopt: none was recorded
    std::optional<std::string> problem; ///< why it can have no gateway
};

struct Listing {
    /// Profiles on the volume, registered names whose profile is gone, services of others under
    /// names of ours, invalid names; those with a problem first, then by name. Text from the volume
    /// is as it lies there.
    std::vector<ListedProfile> profiles;
    std::vector<Finding> findings; ///< what could not be read
};

/// Errors of the supervisor, which then cannot say what is registered.
Result<Listing> list_profiles(const supervise::ServiceManager& manager, const store::Home& home);

} // namespace gw::inspect
