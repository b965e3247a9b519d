/// This member in its fleet: a lease, which is renewed, and the key that names it. The lease's
/// deadline is written into the fence, by which the gateways live.
#pragma once

#include "fleet/bell.hpp"
#include "fleet/etcd.hpp"
#include "rules/fence.hpp"
#include "rules/fleet_keys.hpp"
#include "rules/rejoin.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::fleet {

class Membership {
  public:
    /// All of them outlive it; `bell` rings when the membership begins or ends.
    Membership(sys::Effects& effects, const FleetSettings& settings, MemberRecord self,
               const sys::Directory& fence, Bell& bell);

    /// Takes up what an earlier agent has left in the fence where its lease still lives, else joins
    /// anew; then renews for ever. After a loss it may stay away for a while (rules/rejoin.hpp).
    Task<void> keep();

    /// The lease of a member that has its name for itself; nullopt: it must not take anything.
    [[nodiscard]] std::optional<etcd::LeaseId> lease() const;

    /// From now on this member takes nothing; its lease is renewed until it leaves.
    void retire() { retires_ = true; }
    /// Gives the lease back, and with it all that is bound to it: others need not wait for its end.
    /// After the last gateway has ended.
    Task<void> leave();

  private:
    /// When this member got its name in the fleet.
    struct Joined {
        BootTime at{0};
        etcd::Revision revision = 0;
    };
    struct Loss {
        std::chrono::nanoseconds membership{0};
        etcd::Revision joined = 0;
    };

    Task<void> begin();
    Task<Result<std::vector<etcd::KeyValue>>> willing_others();
    Task<bool> heed_loss();
    Task<void> stay_away(seconds absence);
    Task<bool> take_up();
    Task<bool> claim_name();
    Task<void> renew();
    void hold(BootTime sent, seconds granted);
    void close_fence();
    void lose(std::string_view why);
    void remember_lease();
    void say(const Error& error);

    sys::Effects& effects_;
    const FleetSettings& settings_;
    MemberRecord self_;
    FleetKeys keys_;
    const sys::Directory& fence_;
    Bell& bell_;
    Etcd etcd_;
    etcd::LeaseId lease_ = 0;
    BootTime deadline_{0};
    std::optional<Joined> joined_{}; ///< it has its name for itself
    std::optional<Loss> loss_{};     ///< nothing has followed from it yet
    unsigned losses_ = 0;            ///< in a row
    bool retires_ = false;
    bool left_ = false;
    bool looked_back_ = false;
    std::string said_; ///< the last failure, which is said once
};

} // namespace gw::fleet
