#include "run/fence_guard.hpp"

#include "store/fence.hpp"
#include "sys/log.hpp"

#include <algorithm>
#include <poll.h>

namespace gw::run {

namespace {

/// A place that comes is noticed this soon.
constexpr std::chrono::milliseconds look_again{250};

/// Whether a signal has come that asks for an end; the others mean nothing without a gateway.
bool is_asked_to_end(sys::SignalEvents& signals) {
    bool asked = false;
    while (const auto event = signals.next()) {
        const auto meaning = meaning_of(event->number, event->origin);
        asked = asked || meaning == SignalMeaning::stop || meaning == SignalMeaning::interrupt ||
                meaning == SignalMeaning::restart;
    }
    return asked;
}

} // namespace

Result<FenceGuard> FenceGuard::open(FencePost post) {
    auto alarm = sys::BootAlarm::open();
    if (!alarm) {
        return std::unexpected(alarm.error());
    }
    auto last_resort = sys::LastResort::make();
    if (!last_resort) {
        return std::unexpected(last_resort.error());
    }
    return FenceGuard(std::move(post), std::move(*alarm), std::move(*last_resort));
}

bool FenceGuard::wait_until_open(sys::SignalEvents& signals) {
    std::string said;
    while (true) {
        if (is_asked_to_end(signals)) {
            return false;
        }
        if (look() == FenceVerdict::open) {
            return true;
        }
        if (said.empty()) {
            said = why();
            sys::log_warning("it is not started: " + said);
        }
        pollfd event{signals.fd(), POLLIN, 0};
        (void)::poll(&event, 1, static_cast<int>(look_again.count()));
    }
}

bool FenceGuard::begin_life() {
    held_.reset();
    closed_ = false;
    if (look() != FenceVerdict::open) {
        return false;
    }
    held_ = found_.token;
    set_timers(FenceVerdict::open);
    return true;
}

FenceVerdict FenceGuard::look() {
    if (closed_) {
        return FenceVerdict::closed;
    }
    found_ = store::read_fence(post_.directory, post_.profile);
    const auto verdict = judge_fence(found_, held_, sys::boot_time());
    if (held_) {
        set_timers(verdict);
    }
    return verdict;
}

void FenceGuard::set_timers(FenceVerdict verdict) {
    if (verdict == FenceVerdict::closed) {
        closed_ = true;
        // Without its place it has the time that it would have had at the end of the lease.
        const auto grace = times_.last - times_.kill;
        times_.kill = std::min(times_.kill, sys::boot_time());
        times_.last = times_.kill + grace;
        last_resort_.set(times_.last);
        return;
    }
    times_ = fence_times(*found_.lease);
    alarm_.set(verdict == FenceVerdict::open ? times_.drain : times_.kill);
    last_resort_.set(times_.last);
}

std::chrono::milliseconds FenceGuard::until_kill() const {
    const auto left = std::chrono::floor<std::chrono::milliseconds>(times_.kill - sys::boot_time());
    return std::max(left, std::chrono::milliseconds{0});
}

bool FenceGuard::may_record() const {
    const auto now = store::read_fence(post_.directory, post_.profile);
    return held_ && now.lease && now.token == held_ && sys::boot_time() < times_.last;
}

std::string FenceGuard::why() const {
    return describe_closed(found_, sys::boot_time());
}

} // namespace gw::run
