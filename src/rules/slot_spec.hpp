/// What a slot, unit or plist is made from. Pure.
#pragma once

#include "base/account.hpp"
#include "base/environment.hpp"
#include "base/profile_name.hpp"
#include "rules/retirement.hpp"
#include "rules/service_settings.hpp"
#include "rules/settings.hpp"
#include "rules/time_limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gw {

/// Everything a slot is made from.
struct SlotSpec {
    ProfileName profile = ProfileName::root();
    std::string home;        ///< HERMES_HOME, absolute
    std::string profile_dir; ///< absolute
    SlotOrigin origin{};     ///< of a slot: which directories these are
    Account account;
    std::vector<std::string> command; ///< argv of the gateway
    Environment environment;          ///< the profile's own; beats the container's
    std::optional<std::uint16_t> port;
    std::optional<int> notification_fd; ///< s6 readiness; nullopt: the gateway does not tell
    seconds drain_timeout = default_drain_timeout;
    bool starts = false; ///< no `down` file
    TreeKind tree = TreeKind::shared;
    std::string fence{}; ///< of this member in its fleet; empty: it is in none
};

/// The directory of a profile in a home; `default` is the home itself.
std::string profile_directory(const std::string& home, const ProfileName& profile);

/// The specification of a profile's service: what is configured for all, and what is kept with the
/// profile. `home` is absolute.
SlotSpec slot_spec(const std::string& home, const Settings& settings, const ProfileName& profile,
                   const ServiceSettings& service, const Account& account);

} // namespace gw
