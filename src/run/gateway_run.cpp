#include "run/gateway_run.hpp"

#include "run/life.hpp"
#include "store/leftovers.hpp"
#include "sys/log.hpp"

#include <memory>
#include <poll.h>

namespace gw::run {

namespace {

/// A volume that cannot hold a lock (full, read-only) must not keep a gateway from running; another
/// gateway of the profile must.
Result<std::optional<store::RunLock>> claim(sys::Effects& effects, const sys::Directory& profile,
                                            const RunOptions& options) {
    milliseconds patience{0};
    if (options.replace == store::Replace::live_one) {
        patience = kill_timeout(options.drain_timeout());
    }
    auto lock = store::claim_run(effects, profile, {options.replace, patience});
    if (lock) {
        return std::move(*lock);
    }
    if (lock.error().code == Errc::conflict || lock.error().code == Errc::timed_out) {
        return std::unexpected(lock.error());
    }
    sys::log_warning("running without the run lock, so a second gateway of this profile would not "
                     "be noticed: " +
                     lock.error().message);
    return std::nullopt;
}

/// No failure of this gateway: its supervisor shall try again.
Result<int> refused(const Error& why, const RunOptions& options) {
    if (options.supervision == Supervision::none) {
        return std::unexpected(why);
    }
    sys::log_error(why);
    return restart_exit_code;
}

/// Waits before the next start in place; false when a signal has come.
bool pause_before_restart(const sys::SignalEvents& signals, const sys::Deadline& next_start) {
    pollfd event{signals.fd(), POLLIN, 0};
    const auto left = static_cast<int>(next_start.left().count());
    return ::poll(&event, 1, left) == 0;
}

Result<std::unique_ptr<FenceGuard>> guard_of(const RunOptions& options) {
    if (!options.fence) {
        return nullptr;
    }
    auto guard = FenceGuard::open(*options.fence);
    if (!guard) {
        return std::unexpected(std::move(guard.error()).within("cannot hold the fence"));
    }
    return std::make_unique<FenceGuard>(std::move(*guard));
}

/// False when a stop has come while it waited.
Result<bool> pass_fence(FenceGuard& fence, sys::SignalEvents& signals, const RunOptions& options) {
    if (options.supervision == Supervision::supervised) {
        return fence.wait_until_open(signals);
    }
    if (fence.look() != FenceVerdict::open) {
        return fail(Errc::conflict, fence.why(), "gatewayctl status");
    }
    return true;
}

} // namespace

Result<int> run_gateway(sys::Effects& effects, sys::SignalEvents& signals, own::Ownership& volume,
                        const sys::Directory& profile, const RunOptions& options) {
    const auto fence = guard_of(options);
    if (!fence) {
        return std::unexpected(fence.error());
    }
    if (*fence) {
        const auto passed = pass_fence(**fence, signals, options);
        if (!passed) {
            return std::unexpected(passed.error());
        }
        if (!*passed) {
            return restart_exit_code;
        }
    }
    const auto share = volume.take(effects);
    if (!share.is_ours()) {
        return refused(own::refusal(share, "gatewayctl status"), options);
    }
    // The command outlives this process for a moment, where that is killed.
    (void)share.bequeath();
    const auto lock = claim(effects, profile, options);
    if (!lock) {
        return refused(lock.error(), options);
    }
    if (auto adopted = sys::adopt_orphans(); !adopted) {
        sys::log_warning(adopted.error().message);
    }
    store::remove_leftovers(effects, profile);
    const auto arrival = *lock ? (**lock).arrival : store::Arrival::free;
    Readiness readiness(options);
    while (true) {
        const sys::Deadline next_start(restart_pause);
        Life life(options, profile, effects, signals, readiness, arrival, fence->get());
        const auto outcome = life.live();
        if (!outcome.may_restart_in_place || options.supervision == Supervision::supervised) {
            return outcome.verdict.exit_code;
        }
        sys::log_info("no supervisor: the command is started again in place");
        (void)pause_before_restart(signals, next_start);
    }
}

} // namespace gw::run
