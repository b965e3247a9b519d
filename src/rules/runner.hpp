/// As whom root acts on a home, and who runs its gateways: decided once, before anything on the
/// volume has been read. Anybody else than root acts, and runs them, as himself. Pure.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace gw {

/// What root can know of a home without opening it.
struct HomeOwnership {
    std::string path; ///< for messages
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    unsigned mode = 0; ///< permission bits
    /// False in a user namespace that does not map the owner: the kernel shows him as nobody.
    bool uid_is_known = true;
};

/// The owner of the home, with the groups that the account file gives him.
struct RunAsOwner {
    std::uint32_t uid = 0;
};
/// The account with this name or number: `GATEWAYCTL_USER`.
struct RunAsNamed {
    std::string name;
};
using Runner = std::variant<RunAsOwner, RunAsNamed>;

/// `asked` is GATEWAYCTL_USER. Errc::bad_config for an owner that this container does not know.
Result<Runner> decide_runner(const HomeOwnership& home, const std::optional<std::string>& asked);

/// Root acts as root only on a home that nobody else can write: who can write to it decides what
/// its gateways execute. Errc::bad_config elsewhere.
Result<void> check_root_may_act(const HomeOwnership& home);

/// Before a gateway of that uid is started, or a slot made for it: root runs gateways only when
/// GATEWAYCTL_USER says so. Errc::bad_config else.
Result<void> check_root_was_asked(std::uint32_t uid, const std::string& home,
                                  const std::optional<std::string>& asked);

} // namespace gw
