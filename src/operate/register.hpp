/// Making a gateway known to the supervisor at run time, and taking it away: what the application's
/// profile hooks call.
#pragma once

#include "base/environment.hpp"
#include "operate/operator.hpp"
#include "rules/service_settings.hpp"

#include <string>
#include <vector>

namespace gw::operate {

/// What was kept with the profile, and what is kept now.
struct Settled {
    ServiceSettings before;
    ServiceSettings now;
};

/// Gives the profile a port, changes its variables, and ends that it was unregistered: what is kept
/// then is what a slot, unit or plist is made from.
Result<Settled> settle_service_settings(const Operator& by, const ProfileName& profile,
                                        const sys::Directory& directory,
                                        const EnvironmentChange& change);

struct Registered {
    bool is_new = true;
    std::vector<std::string>
        changes;       ///< "A set", "B changed", "C removed": of a profile that had a slot
    bool runs = false; ///< with what it was started from
};

/// Gives the profile a port, changes its variables, makes the slot, down:
/// register is not start. The slot of a profile that has one gets the variables; whoever runs goes
/// on, and finds them at his next start. Errc::conflict when there are none to give. What fails
/// leaves what was kept.
Result<Registered> register_profile(const Operator& by, const ProfileName& profile,
                                    const EnvironmentChange& change);
/// The same for who holds the profile's lock (store/operation_lock.hpp).
Result<Registered> register_locked(const Operator& by, const ProfileName& profile,
                                   const sys::Directory& directory,
                                   const EnvironmentChange& change);

/// What `unregister` found.
enum class Unregistered {
    done,         ///< there is no slot any more, and the next boot makes none
    nothing_there ///< neither a slot nor a profile
};

/// Keeps with the profile that it is unregistered (what cannot be kept is a warning), then: down,
/// verified, unlinked, rescanned, removed; leaves no marker and no lock. Idempotent. What fails
/// leaves it registered. Errc::conflict where another member owns the volume, whose gateway it is.
Result<Unregistered> unregister_profile(const Operator& by, const ProfileName& profile,
                                        const OperationOptions& options);

} // namespace gw::operate
