#include "operate/wait_for.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace gw::operate {

namespace {

std::string_view word_of(Awaited what) {
    switch (what) {
    case Awaited::up:
        return "up";
    case Awaited::ready:
        return "ready";
    case Awaited::down:
        break;
    }
    return "down";
}

Error not_come(const ProfileName& profile, Awaited what, milliseconds limit) {
    const auto waited = std::chrono::duration<double>(limit).count();
    return {Errc::timed_out,
            fmt::format("'{}' is not {} after {} s", profile.str(), word_of(what), waited),
            "gatewayctl explain " + profile.str()};
}

} // namespace

bool has_come(Awaited what, const ObservedService& service) {
    switch (what) {
    case Awaited::up:
        return service.up;
    case Awaited::ready:
        return service.up && service.ready != false;
    case Awaited::down:
        break;
    }
    return !service.up && !service.wants_up;
}

Result<void> wait_for(const supervise::ServiceManager& manager,
                      std::span<const ProfileName> profiles, Awaited what, milliseconds limit,
                      const Clock& clock) {
    const auto end = clock() + limit;
    const auto news = manager.news(profiles);
    std::vector<std::size_t> open(profiles.size());
    for (std::size_t i = 0; i < open.size(); ++i) {
        open[i] = i;
    }
    while (true) {
        std::vector<ProfileName> asked;
        for (const auto i : open) {
            asked.push_back(profiles[i]);
        }
        const auto seen = manager.observe_processes(asked);
        std::vector<std::size_t> still;
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (!seen[i]) {
                return std::unexpected(seen[i].error());
            }
            if (!has_come(what, *seen[i])) {
                still.push_back(open[i]);
            }
        }
        open = std::move(still);
        if (open.empty()) {
            return {};
        }
        const auto left = std::chrono::ceil<milliseconds>(end - clock());
        if (left <= milliseconds{0}) {
            return std::unexpected(not_come(profiles[open.front()], what, limit));
        }
        (void)news->wait(std::min(left, news->look_again()));
    }
}

} // namespace gw::operate
