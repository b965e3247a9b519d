#include "fleet/work.hpp"

#include "base/text.hpp"
#include "store/fence.hpp"
#include "sys/boot_clock.hpp"
#include "sys/log.hpp"

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

namespace gw::fleet {

namespace {

constexpr int most_drains = 3;

/// What fails for good (a profile that nobody can read) is not to fill the boot log.
std::chrono::milliseconds pause_after(unsigned failed_passes) {
    constexpr std::chrono::seconds first{5};
    constexpr unsigned most_doublings = 7;
    return first * (1U << std::min(failed_passes - 1, most_doublings));
}

std::chrono::milliseconds between_looks(seconds ttl) {
    return milliseconds(ttl) / 3;
}

} // namespace

Task<void> leave_fleet(Membership& membership, Tools& tools) {
    sys::log_info("this member leaves its fleet: its gateways end first");
    membership.retire();
    bool is_down = false;
    for (int tries = 0; tries < most_drains && !is_down; ++tries) {
        is_down = co_await tools.drain();
    }
    if (is_down) {
        co_await membership.leave();
    } else {
        sys::log_error({Errc::timed_out,
                        "not every gateway of this member has ended: its lease is not given back, "
                        "and ends by itself",
                        "gatewayctl status"});
    }
}

Work::Work(const Means& means)
    : means_(means), keys_(means.settings.prefix),
      etcd_(means.settings, between_looks(means.settings.ttl)),
      look_again_(between_looks(means.settings.ttl)) {}

/// The key goes first: what was taken back meanwhile is not begun with, and nothing is begun twice.
Task<void> Work::carry_out(FleetPicture::Asked asked, FleetAsk ask) {
    Etcd etcd(means_.settings, look_again_);
    const auto is_ours = co_await etcd.release(keys_.ask(asked.id), asked.revision);
    if (!is_ours || !*is_ours) {
        co_return;
    }
    sys::log_info(
        fmt::format("{} {}: asked for in {}", ask.verb, ask.profile.str(), printable(ask.member)));
    auto answer = co_await means_.tools.carry_out(ask);
    answer.member = means_.self.name;
    const auto put = co_await etcd.put(keys_.answer(asked.id), to_value(answer), asked.lease);
    if (!put) {
        sys::log_warning("whoever has asked cannot be answered: " + put.error().message);
    }
}

Task<void> Work::heed_asks(const FleetPicture& fleet) {
    const auto executor = co_await boost::asio::this_coro::executor;
    for (const auto& asked : fleet.asked) {
        auto ask = parse_ask(asked.value);
        if (ask && has(ask->profile) && begun_.insert(asked.id).second) {
            boost::asio::co_spawn(executor, carry_out(asked, std::move(*ask)),
                                  boost::asio::detached);
        }
    }
    std::erase_if(begun_, [&](const std::string& id) {
        return std::ranges::find(fleet.asked, id, &FleetPicture::Asked::id) == fleet.asked.end();
    });
}

bool Work::is_fence_open() const {
    const auto lease = store::read_lease(means_.fence);
    return lease && sys::boot_time() < fence_times(*lease).kill;
}

Task<void> Work::bring_up() {
    const auto lease = store::read_lease(means_.fence);
    const bool is_complete = co_await means_.tools.reconcile();
    next_pass_.reset();
    failed_passes_ = is_complete ? 0 : failed_passes_ + 1;
    if (!is_complete) {
        next_pass_ = std::chrono::steady_clock::now() + pause_after(failed_passes_);
    } else if (!lease || sys::boot_time() >= fence_times(*lease).kill) {
        // It may have looked at the fence before the renewal that has opened it again.
        next_pass_ = std::chrono::steady_clock::now();
    }
}

Task<void> Work::bring_up_again() {
    if (next_pass_ && std::chrono::steady_clock::now() >= *next_pass_ && is_fence_open()) {
        co_await bring_up();
    }
}

void Work::say(std::string text) {
    if (text != said_) {
        sys::log_info(text);
        said_ = std::move(text);
    }
}

Task<void> Work::work(Bell& bell) {
    while (true) {
        const bool more = co_await step();
        if (!more) {
            co_await bell.wait(look_again_);
        }
    }
}

} // namespace gw::fleet
