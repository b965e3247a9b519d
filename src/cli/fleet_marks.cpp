#include "base/text.hpp"
#include "cli/fleet_verbs.hpp"
#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "fleet/marks.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::cli {

namespace {

constexpr milliseconds request_time{5'000};

int said(Context& context, const std::string& member, std::string_view word) {
    return printed(
        context.globals().json
            ? print_json({{"version", 1}, {"subject", printable(member)}, {"state", word}})
            : print(fmt::format("{}: {}\n", printable(member), word)));
}

/// What is left of a drain, on the log of a terminal.
void say_progress(const FleetPicture& fleet, const std::string& member) {
    const auto left = std::ranges::count_if(
        fleet.places, [&](const auto& place) { return place.second.member.name == member; });
    if (left > 0) {
        sys::log_debug(fmt::format("{}: {} gateways left", printable(member), left));
    }
}

} // namespace

int fleet_cordon(Context& context, const Words& words, sys::Effects& /*effects*/) {
    const auto settings = fleet_settings(context);
    if (!settings) {
        return report_error(settings.error());
    }
    const auto member = words.value("MEMBER").value_or("");
    const auto done = fleet::mark(**settings, member, fleet::Mark::cordon, request_time);
    return done ? said(context, member, "cordoned") : report_error(done.error());
}

int fleet_uncordon(Context& context, const Words& words, sys::Effects& /*effects*/) {
    const auto settings = fleet_settings(context);
    if (!settings) {
        return report_error(settings.error());
    }
    const auto member = words.value("MEMBER").value_or("");
    const auto done = fleet::unmark(**settings, member, request_time);
    return done ? said(context, member, "ready") : report_error(done.error());
}

int fleet_drain(Context& context, const Words& words, sys::Effects& /*effects*/) {
    const auto settings = fleet_settings(context);
    const auto all = settings ? context.settings() : std::unexpected(settings.error());
    if (!all) {
        return report_error(all.error());
    }
    const auto member = words.value("MEMBER").value_or("");
    if (const auto done = fleet::mark(**settings, member, fleet::Mark::drain, request_time);
        !done) {
        return report_error(done.error());
    }
    const auto limit = timeout_of(words).value_or(stop_deadline((*all)->drain_timeout));
    const auto fleet = fleet::wait_until(
        **settings, {.longest = limit,
                     .is_so = [&](const auto& seen) { return !fleet::has_something(seen, member); },
                     .told = [&](const auto& seen) { say_progress(seen, member); },
                     .still = printable(member) + " still has gateways; its drain goes on"});
    return fleet ? said(context, member, "drained") : report_error(fleet.error());
}

int fleet_move(Context& context, const Words& words, sys::Effects& /*effects*/) {
    const auto settings = fleet_settings(context);
    const auto all = settings ? context.settings() : std::unexpected(settings.error());
    if (!all) {
        return report_error(all.error());
    }
    if ((*settings)->spread != Spread::gateway) {
        return report_error({Errc::unsupported,
                             "all gateways of this volume are in one place (spread: volume)",
                             "gatewayctl fleet drain MEMBER"});
    }
    const auto profile = ProfileName::parse(words.value("PROFILE").value_or(""));
    if (!profile) {
        return report_error(profile.error());
    }
    const auto member = words.value("MEMBER");
    if (!member) {
        const auto done = fleet::unpin(**settings, *profile, request_time);
        return done ? said(context, profile->str(), "placed") : report_error(done.error());
    }
    if (const auto done = fleet::pin(**settings, *profile, *member, request_time); !done) {
        return report_error(done.error());
    }
    const auto limit = timeout_of(words).value_or(stop_deadline((*all)->drain_timeout));
    const auto fleet = fleet::wait_until(
        **settings, {.longest = limit,
                     .is_so =
                         [&](const FleetPicture& seen) {
                             const auto place = seen.places.find(profile->str());
                             return place != seen.places.end() &&
                                    place->second.member.name == *member;
                         },
                     .told = [](const auto&) {},
                     .still = profile->str() + " is not there yet; its move goes on"});
    return fleet ? said(context, profile->str(), "moved") : report_error(fleet.error());
}

} // namespace gw::cli
