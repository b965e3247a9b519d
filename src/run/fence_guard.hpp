/// The fence of a fleet's member (rules/fence.hpp), as one `gatewayctl run` obeys it.
#pragma once

#include "rules/fence.hpp"
#include "sys/boot_clock.hpp"
#include "sys/child.hpp"

#include <optional>
#include <string>

namespace gw::run {

/// Which fence stands around this gateway.
struct FencePost {
    std::string directory; ///< GATEWAYCTL_FENCE
    ProfileName profile;
};

/// Looks at the fence, has the kernel wake this process when something has to be done, and has the
/// kernel end it, and the command with it, when it was not done: whatever becomes of the member's
/// agent, and of this process, and of a volume that hangs while it writes its records.
class FenceGuard {
  public:
    static Result<FenceGuard> open(FencePost post);

    /// Waits until a gateway may start; false when a signal that asks for an end has come before.
    bool wait_until_open(sys::SignalEvents& signals);
    /// From now on a gateway lives under the token that is there; false when it may not start.
    bool begin_life();
    /// Looks again, and sets alarm and last resort by what it has found.
    FenceVerdict look();

    /// Readable when it is time to look.
    [[nodiscard]] int fd() const { return alarm_.fd(); }
    /// Of the gateway that lives.
    [[nodiscard]] FencingToken token() const { return held_.value_or(FencingToken{}); }
    /// Until nothing of the gateway may live any more; never negative.
    [[nodiscard]] std::chrono::milliseconds until_kill() const;
    /// Whether what lies on the volume is still this member's to write.
    [[nodiscard]] bool may_record() const;
    /// Why it is not open, for people.
    [[nodiscard]] std::string why() const;

  private:
    FenceGuard(FencePost post, sys::BootAlarm alarm, sys::LastResort last_resort)
        : post_(std::move(post)), alarm_(std::move(alarm)), last_resort_(std::move(last_resort)) {}
    void set_timers(FenceVerdict verdict);

    FencePost post_;
    sys::BootAlarm alarm_;
    sys::LastResort last_resort_;
    Fence found_;
    std::optional<FencingToken> held_; ///< while a gateway lives
    FenceTimes times_;                 ///< by the last lease under which it might live
    bool closed_ = false;              ///< for this life, once and for all
};

} // namespace gw::run
