/// What a member of a fleet does by what it sees: it looks, and does what follows from it.
#pragma once

#include "fleet/bell.hpp"
#include "fleet/etcd.hpp"
#include "fleet/membership.hpp"
#include "fleet/mirror.hpp"
#include "fleet/tools.hpp"
#include "rules/fleet_asks.hpp"
#include "rules/fleet_keys.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <string>

namespace gw::fleet {

/// What work is done with. All of it outlives whoever works.
struct Means {
    sys::Effects& effects;
    const FleetSettings& settings;
    const MemberRecord& self;
    const sys::Directory& fence;
    const Membership& membership;
    const Mirror& mirror;
    Tools& tools;
};

/// What does not end keeps the lease: then it ends by itself, and the gateways with it. Else it is
/// given back, after the last gateway has ended.
Task<void> leave_fleet(Membership& membership, Tools& tools);

class Work {
  public:
    explicit Work(const Means& means);
    virtual ~Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    /// Again whenever the bell rings. Never returns.
    Task<void> work(Bell& bell);

  protected:
    /// One look, and what follows from it; answers whether there is more of it at once.
    virtual Task<bool> step() = 0;

    /// Whether this member has the gateway.
    [[nodiscard]] virtual bool has(const ProfileName& profile) const = 0;
    /// Carries out what was asked of this member, beside all else.
    Task<void> heed_asks(const FleetPicture& fleet);

    /// A boot pass, which brings up what this member has got. It is due again when it has failed,
    /// and when the fence was closed meanwhile, because a pass brings up nothing then.
    Task<void> bring_up();
    /// The same, if it is due.
    Task<void> bring_up_again();
    /// A pass is due: what was taken down here still has its place here.
    void owe_pass() { next_pass_ = std::chrono::steady_clock::now(); }

    /// Says something to the log, once.
    void say(std::string text);

    const Means means_;
    const FleetKeys keys_;
    Etcd etcd_;

  private:
    Task<void> carry_out(FleetPicture::Asked asked, FleetAsk ask);

    [[nodiscard]] bool is_fence_open() const;

    std::set<std::string> begun_;                                      ///< of what was asked
    std::optional<std::chrono::steady_clock::time_point> next_pass_{}; ///< when one is due
    unsigned failed_passes_ = 0;                                       ///< in a row
    std::chrono::milliseconds look_again_; ///< a change that nobody has told of is found by then
    std::string said_;
};

} // namespace gw::fleet
