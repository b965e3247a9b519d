#include "operate/privilege.hpp"

#include "supervise/s6/prepare.hpp"
#include "sys/accounts.hpp"
#include "sys/log.hpp"

namespace gw::operate {

Result<std::optional<Account>> become_home_owner(const store::Home& home) {
    if (sys::effective_uid() != 0) {
        return std::nullopt;
    }
    auto account = store::account_of_home(home);
    if (!account) {
        return std::unexpected(std::move(account.error()));
    }
    if (account->uid == 0) {
        sys::log_debug("the home belongs to root: gateways run as root");
        return std::nullopt;
    }
    if (auto become = sys::become(*account); !become) {
        return std::unexpected(std::move(become.error()));
    }
    return std::move(*account);
}

Result<void> hand_over_scandir(sys::Effects& effects, const store::Home& home,
                               const std::string& scandir) {
    const auto account = store::account_of_home(home);
    if (!account) {
        return std::unexpected(account.error());
    }
    if (auto done = supervise::prepare_scandir(effects, scandir, *account); !done) {
        return done;
    }
    const auto owner = become_home_owner(home);
    return owner ? Result<void>{} : std::unexpected(owner.error());
}

} // namespace gw::operate
