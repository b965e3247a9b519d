#include "fleet/work.hpp"

#include "base/text.hpp"
#include "sys/log.hpp"

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <fmt/format.h>

namespace gw::fleet {

namespace {

std::chrono::milliseconds between_looks(seconds ttl) {
    return milliseconds(ttl) / 3;
}

} // namespace

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
