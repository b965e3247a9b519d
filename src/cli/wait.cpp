#include "operate/wait_for.hpp"

#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"
#include "own/ownership.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

operate::Awaited awaited_of(const std::string& word) {
    return word == "up"      ? operate::Awaited::up
           : word == "ready" ? operate::Awaited::ready
                             : operate::Awaited::down;
}

/// A name that is nowhere is a slip; one that is on the volume may be registered any moment.
Result<void> check_exists(const supervise::ServiceManager& manager, const store::Home& home,
                          const ProfileName& profile) {
    const auto registered = manager.is_registered(profile);
    if (registered && *registered) {
        return {};
    }
    const auto there = home.require(profile);
    return there ? Result<void>{} : std::unexpected(there.error());
}

/// Of a gateway that another member may run it cannot be seen from here that it is down.
Result<void> check_can_be_seen(const Opened& opened, const ProfileName& profile) {
    auto standing = own::ownership_of(opened.home, opened.settings, profile)->look();
    if (standing.kind != Standing::Kind::elsewhere) {
        return {};
    }
    own::Share share;
    share.owner = std::move(standing.owner);
    share.problem = opened.settings.fleet ? "its place is not this member's" : "";
    return std::unexpected(
        own::refusal(share, fmt::format("gatewayctl wait {} --for down", profile.str()))
            .within(fmt::format("whether '{}' is down cannot be seen here", profile.str())));
}

} // namespace

std::vector<std::string> awaited_words() {
    return {"up", "ready", "down"};
}

int wait(Context& context, const Words& words) {
    const auto manager = context.manager();
    const auto opened = context.opened();
    if (!manager || !opened) {
        return report_error(manager ? opened.error() : manager.error());
    }
    const auto targets = named_targets(context, words.values("NAME"));
    if (!targets) {
        return report_error(targets.error());
    }
    for (const auto& profile : *targets) {
        if (auto exists = check_exists(**manager, opened->home, profile); !exists) {
            return report_error(exists.error());
        }
    }
    const auto word = words.value("--for").value_or("ready");
    const auto what = awaited_of(word);
    for (const auto& profile : *targets) {
        const auto seen =
            what == operate::Awaited::down ? check_can_be_seen(*opened, profile) : Result<void>{};
        if (!seen) {
            return report_error(seen.error());
        }
    }
    const milliseconds otherwise = what == operate::Awaited::down
                                       ? stop_deadline(opened->settings.drain_timeout)
                                       : start_deadline;
    const auto come =
        operate::wait_for(**manager, *targets, what, timeout_of(words).value_or(otherwise));
    if (!come) {
        return report_error(come.error());
    }
    if (context.globals().json) {
        Json root = {{"version", 1}, {"state", word}, {"profiles", Json::array()}};
        for (const auto& profile : *targets) {
            root["profiles"].push_back(profile.str());
        }
        return printed(print_json(root));
    }
    return exit_status::done;
}

} // namespace gw::cli
