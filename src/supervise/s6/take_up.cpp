#include "supervise/s6/take_up.hpp"

#include "sys/waiting.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::supervise {

namespace {

Error not_taken_up(const Scandir& scandir, const ProfileName& profile) {
    return {Errc::timed_out,
            fmt::format("s6-svscan did not take up {}/{}: nothing new came for {} s",
                        scandir.path(), profile.slot(), tool_deadline.count()),
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
    while (sys::poll_until(sys::Deadline(tool_deadline), [&] { return look() > 0; })) {
        if (waiting.empty()) {
            return {};
        }
    }
    std::vector<SlotFailure> failures;
    for (const auto& profile : waiting) {
        failures.push_back({profile, not_taken_up(scandir, profile)});
    }
    return failures;
}

} // namespace gw::supervise
