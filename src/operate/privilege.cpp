#include "operate/privilege.hpp"

#include "rules/runner.hpp"
#include "store/home.hpp"
#include "supervise/s6/prepare.hpp"
#include "sys/accounts.hpp"
#include "sys/directory.hpp"
#include "sys/guarded_path.hpp"

namespace gw::operate {

namespace {

Result<HomeOwnership> ownership_of(const std::string& home) {
    const auto found = sys::walk_guarded(home);
    const auto info = found ? sys::info_of(found->fd, home) : std::unexpected(found.error());
    if (!info) {
        return std::unexpected(store::unusable_home(info.error()));
    }
    return HomeOwnership{home, info->uid, info->gid, info->mode, sys::is_known_uid(info->uid)};
}

Result<Account> account_of(const Runner& runner, const HomeOwnership& home) {
    if (const auto* named = std::get_if<RunAsNamed>(&runner)) {
        auto account = sys::account_named(named->name, home.path);
        return account ? std::move(account)
                       : std::unexpected(std::move(account.error()).within("GATEWAYCTL_USER"));
    }
    return sys::account_of(std::get<RunAsOwner>(runner).uid, home.gid, home.path);
}

} // namespace

Result<Account> settle_runner(const Surroundings& told) {
    const auto home = ownership_of(told.home);
    if (!home) {
        return std::unexpected(home.error());
    }
    const auto runner = decide_runner(*home, told.user);
    auto account = runner ? account_of(*runner, *home) : std::unexpected(runner.error());
    if (account && account->uid == 0) {
        if (auto may = check_root_may_act(*home); !may) {
            return std::unexpected(std::move(may.error()));
        }
    }
    return account;
}

Result<void> hand_over_scandir(sys::Effects& effects, const std::string& scandir,
                               const Account& account) {
    if (auto done = supervise::prepare_scandir(effects, scandir, account); !done) {
        return done;
    }
    return sys::become(account);
}

} // namespace gw::operate
