#include "base/text.hpp"
#include "cli/fleet_verbs.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/targets.hpp"
#include "fleet/marks.hpp"
#include "sys/clock.hpp"
#include "sys/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace gw::cli {

namespace {

constexpr milliseconds request_time{5'000};

int said(Context& context, const std::string& member, std::string_view word) {
    return printed(
        context.globals().json
            ? print_json({{"version", 1}, {"subject", printable(member)}, {"state", word}})
            : print(fmt::format("{}: {}\n", printable(member), word)));
}

/// What goes on while an operator waits, on his terminal.
class Waiting {
  public:
    explicit Waiting(milliseconds limit) : limit_(limit), end_(limit) {}

    /// A line with the time, and what it is about.
    void show(std::string head, std::vector<std::string> rest = {}) {
        const auto size = sys::terminal_size(STDERR_FILENO);
        if (!size) {
            return;
        }
        const auto whole = [](milliseconds span) {
            return std::chrono::duration_cast<seconds>(span).count();
        };
        rest.insert(rest.begin(), fmt::format("{}, {} of {} s", head, whole(limit_ - end_.left()),
                                              whole(limit_)));
        lines_.paint(fitted(std::move(rest), *size));
    }

  private:
    milliseconds limit_;
    sys::Deadline end_;
    PaintedLines lines_;
};

/// What a member that drains still has.
void show_left(Waiting& waiting, const FleetPicture& fleet, const std::string& member) {
    std::vector<std::string> left;
    for (const auto& [profile, place] : fleet.places) {
        if (place.member.name == member) {
            left.push_back("  " + printable(profile));
        }
    }
    const bool has_volume = fleet.owner && fleet.owner->member.name == member;
    const auto what = has_volume ? std::string("its gateways end, and it has the volume still")
                                 : fmt::format("{} gateways are left", left.size());
    waiting.show(fmt::format("drain {}: {}", printable(member), what), std::move(left));
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
    const auto fleet = [&] {
        Waiting waiting(limit);
        return fleet::wait_until(
            **settings,
            {.longest = limit,
             .is_so = [&](const auto& seen) { return !fleet::has_something(seen, member); },
             .told = [&](const auto& seen) { show_left(waiting, seen, member); },
             .still = printable(member) + " still has gateways; its drain goes on"});
    }();
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
    const auto holder = [&](const FleetPicture& seen) {
        const auto place = seen.places.find(profile->str());
        return place == seen.places.end() ? std::string() : place->second.member.name;
    };
    const auto fleet = [&] {
        Waiting waiting(limit);
        return fleet::wait_until(
            **settings, {.longest = limit,
                         .is_so = [&](const FleetPicture& seen) { return holder(seen) == *member; },
                         .told =
                             [&](const FleetPicture& seen) {
                                 const auto from = holder(seen);
                                 waiting.show(fmt::format("move {}: {} -> {}", profile->str(),
                                                          from.empty() ? "nobody" : printable(from),
                                                          printable(*member)));
                             },
                         .still = profile->str() + " is not there yet; its move goes on"});
    }();
    return fleet ? said(context, profile->str(), "moved") : report_error(fleet.error());
}

} // namespace gw::cli
