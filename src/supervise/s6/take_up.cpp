#include "supervise/s6/take_up.hpp"

#include "rules/svscan_limit.hpp"
#include "sys/processes.hpp"
#include "sys/waiting.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace gw::supervise {

namespace {

/// While s6-svscan goes on taking up slots, the next one comes within this time; where it has as
/// many services as it takes, that is all that is waited for.
constexpr std::chrono::seconds between_slots{1};

/// The limit of the s6-svscan on this scandir, when the scandir holds more than that.
std::optional<SvscanLimit> exceeded_limit(const Scandir& scandir) {
    for (const auto& process : sys::all_command_lines()) {
        if (const auto limit = svscan_limit(process.argv, scandir.path());
            limit && std::cmp_greater(scandir.services(), limit->services)) {
            return limit;
        }
    }
    return std::nullopt;
}

Error not_taken_up(const Scandir& scandir, const ProfileName& profile,
                   const std::optional<SvscanLimit>& limit) {
    const std::string slot = scandir.path() + "/" + profile.slot();
    if (limit) {
        return {Errc::unsupported,
                fmt::format("s6-svscan did not take up {}: it takes at most {} services{}, and {} "
                            "holds {}",
                            slot, limit->services, limit->is_said ? "" : " unless it is told more",
                            scandir.path(), scandir.services()),
                "start s6-svscan with a larger -c (s6 up to 2.12) or -C, or unregister others"};
    }
    return {Errc::timed_out,
            fmt::format("s6-svscan did not take up {}: nothing new came for {} s", slot,
                        tool_deadline.count()),
            "s6-svscanctl -a " + scandir.path()};
}

std::vector<SlotFailure> all_failed(std::span<const ProfileName> profiles, const Error& why) {
    std::vector<SlotFailure> failures;
    for (const auto& profile : profiles) {
        failures.push_back({profile, why});
    }
    return failures;
}

} // namespace

std::vector<SlotFailure> take_up(sys::Effects& effects, const Scandir& scandir,
                                 std::span<const ProfileName> profiles) {
    std::vector<ProfileName> waiting(profiles.begin(), profiles.end());
    const auto look = [&] {
        return std::erase_if(waiting, [&](const ProfileName& profile) {
            return scandir.wholly_supervised(profile.slot());
        });
    };
    look();
    if (waiting.empty()) {
        return {};
    }
    if (auto asked = rescan(effects, scandir); !asked) {
        return all_failed(waiting, asked.error());
    }
    // Service and logger both: each has an s6-supervise of its own, which s6-svscan starts in turn.
    const auto come_within = [&](std::chrono::seconds patience) {
        while (!waiting.empty() &&
               sys::poll_until(sys::Deadline(patience), [&] { return look() > 0; })) {
        }
        return waiting.empty();
    };
    if (come_within(between_slots)) {
        return {};
    }
    const auto limit = exceeded_limit(scandir);
    if (!limit && come_within(tool_deadline)) {
        return {};
    }
    std::vector<SlotFailure> failures;
    for (const auto& profile : waiting) {
        failures.push_back({profile, not_taken_up(scandir, profile, limit)});
    }
    return failures;
}

} // namespace gw::supervise
