#include "base/text.hpp"
#include "cli/fleet_verbs.hpp"
#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "fleet/asks.hpp"
#include "rules/author.hpp"
#include "sys/caller.hpp"
#include "sys/self.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

/// Besides the time that the verb has there: for the way there and back, and a member that is lost
/// in between.
constexpr milliseconds way_there_and_back{15'000};

FleetAsk ask_of(const Settings& settings, const Words& words, const ProfileName& profile) {
    return {.verb = words.value("VERB").value_or(""),
            .profile = profile,
            .timeout = words.number("--timeout") ? fmt::format("{}", *words.number("--timeout"))
                                                 : std::string(),
            .force = words.has("--force"),
            .waits = !words.has("--no-wait"),
            .reason = words.value("--reason").value_or(""),
            .member = settings.member.value_or(sys::host_name()),
            .author = to_text(sys::author())};
}

} // namespace

int fleet_ask(Context& context, const Words& words, sys::Effects& /*effects*/) {
    const auto in_fleet = fleet_settings(context);
    const auto settings = in_fleet ? context.settings() : std::unexpected(in_fleet.error());
    if (!settings) {
        return report_error(settings.error());
    }
    const auto profile = ProfileName::parse(words.value("NAME").value_or(""));
    if (!profile) {
        return report_error(profile.error());
    }
    const auto limit = timeout_of(words).value_or(stop_deadline((*settings)->drain_timeout));
    const auto answer =
        fleet::ask(**in_fleet, ask_of(**settings, words, *profile), limit + way_there_and_back);
    if (!answer) {
        return report_error(answer.error());
    }
    const bool good = answer->status == exit_status::done;
    const bool complete =
        context.globals().json
            ? print_json({{"version", 1},
                          {"member", printable(answer->member)},
                          {"outcome", good ? Json(printable(answer->outcome)) : Json()},
                          {"error", good ? Json() : Json(printable(answer->error))},
                          {"next", good ? Json() : Json(printable(answer->next))}})
        : good ? print(fmt::format("{} {} in {}\n", printable(answer->outcome), profile->str(),
                                   printable(answer->member)))
               : true;
    if (!good && !context.globals().json) {
        sys::log_error({Errc::command_failed,
                        printable(answer->member) + ": " + printable(answer->error),
                        printable(answer->next)});
    }
    return complete ? answer->status : exit_status::some_failed;
}

} // namespace gw::cli
