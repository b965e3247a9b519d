#include "fleet/mirror.hpp"

#include "rules/backoff.hpp"
#include "sys/log.hpp"

#include <algorithm>

namespace gw::fleet {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr unsigned http_ok = 200;

/// A watch says nothing where nothing changes, and just so where the member of etcd behind it has
/// stopped or is cut off. After half a lease all is read anew, from the next member; of many keys
/// less often, for etcd's sake (docs/scale.md).
milliseconds longest_silence(seconds ttl, std::size_t keys) {
    constexpr milliseconds for_each_key{3};
    constexpr milliseconds most{30'000};
    const auto least = milliseconds(ttl) / 2;
    return std::clamp(for_each_key * static_cast<milliseconds::rep>(keys), least,
                      std::max(least, most));
}

} // namespace

Mirror::Mirror(const FleetSettings& settings, std::string prefix, Bell& bell)
    : settings_(settings), prefix_(std::move(prefix)), bell_(bell),
      patience_(milliseconds(settings.ttl) / 4), etcd_(settings, patience_),
      dice_(std::random_device{}()),
      endpoint_(dice_() % std::max<std::size_t>(1, settings.endpoints.size())) {}

etcd::Range Mirror::range() const {
    etcd::Range range;
    range.revision = revision_;
    for (const auto& [key, entry] : entries_) {
        range.entries.push_back(entry);
    }
    return range;
}

Task<Result<void>> Mirror::look() {
    auto range = co_await etcd_.range_of_prefix(prefix_);
    if (!range) {
        co_return std::unexpected(std::move(range.error()));
    }
    entries_.clear();
    for (auto& entry : range->entries) {
        entries_.insert_or_assign(entry.key, std::move(entry));
    }
    revision_ = range->revision;
    bell_.ring();
    co_return Result<void>{};
}

/// One line of the stream.
Result<void> Mirror::hear(std::string_view line) {
    const auto json = parse_json_object(line);
    if (!json) {
        return std::unexpected(json.error());
    }
    if (const auto refusal = etcd::read_refusal(*json)) {
        return std::unexpected(etcd::to_error(*refusal));
    }
    auto news = etcd::read_watch(*json);
    if (!news) {
        return std::unexpected(std::move(news.error()));
    }
    for (auto& [erased, entry] : news->events) {
        revision_ = std::max(revision_, entry.mod_revision);
        if (erased) {
            entries_.erase(entry.key);
        } else {
            entries_.insert_or_assign(entry.key, std::move(entry));
        }
    }
    if (!news->events.empty()) {
        bell_.ring();
    }
    return news->ended ? Result<void>(fail(Errc::io, "the watch has ended")) : Result<void>{};
}

Task<Result<void>> Mirror::watch() {
    const auto token = co_await etcd_.token();
    if (!token) {
        co_return std::unexpected(token.error());
    }
    const auto until = steady_clock::now() + patience_;
    const auto& endpoint = settings_.endpoints[endpoint_ % settings_.endpoints.size()];
    auto wire = co_await Wire::open(endpoint, settings_, until);
    if (!wire) {
        co_return std::unexpected(std::move(wire.error()));
    }
    const auto request = etcd::watch(prefix_, revision_ + 1);
    HttpRequest message{std::string(request.path), *token, request.body.dump()};
    const auto status = co_await (*wire)->begin(std::move(message), until);
    if (!status || *status != http_ok) {
        co_return status ? fail(Errc::io, "etcd gives no watch") : std::unexpected(status.error());
    }
    std::string unread;
    while (true) {
        const auto part = co_await (*wire)->more(steady_clock::now() +
                                                 longest_silence(settings_.ttl, entries_.size()));
        if (!part) {
            co_return std::unexpected(part.error());
        }
        unread += *part;
        for (auto end = unread.find('\n'); end != std::string::npos; end = unread.find('\n')) {
            if (auto heard = hear(std::string_view(unread).substr(0, end)); !heard) {
                co_return heard;
            }
            unread.erase(0, end + 1);
        }
        if (unread.size() > max_json_bytes) {
            co_return fail(Errc::corrupt, "a line of the watch is too long");
        }
    }
}

Task<void> Mirror::follow() {
    std::uniform_real_distribution<double> roll(0, 1);
    for (unsigned failures = 0;; ++endpoint_) {
        if (const auto looked = co_await look(); looked) {
            failures = 0;
            const auto ended = co_await watch();
            sys::log_debug("the watch of the fleet begins anew: " + ended.error().message);
        }
        co_await pause_for(backoff(++failures, roll(dice_), patience_));
    }
}

} // namespace gw::fleet
