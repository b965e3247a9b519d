#include "operate/drain.hpp"
#include "base/text.hpp"
#include "cli/operate.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "rules/time_limits.hpp"
#include "sys/system_effects.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace gw::cli {

namespace {

/// s6-overlay kills a cont-finish.d script after S6_KILL_FINISH_MAXTIME; this much earlier the last
/// lines are out. The drains themselves go on in the init's grace.
constexpr milliseconds before_the_kill{300};
constexpr milliseconds s6_overlay_finish_maxtime{5000};

milliseconds deadline(const Settings& settings, const std::optional<int>& timeout) {
    if (timeout) {
        return seconds(*timeout);
    }
    milliseconds limit = s6_overlay_finish_maxtime;
    if (const auto text = environment("S6_KILL_FINISH_MAXTIME")) {
        milliseconds::rep value = 0;
        const auto parsed = std::from_chars(text->data(), text->data() + text->size(), value);
        limit = parsed.ec == std::errc() && value > 0 ? milliseconds(value) : limit;
    }
    return std::clamp<milliseconds>(limit - before_the_kill, milliseconds{0},
                                    kill_timeout(settings.drain_timeout));
}

std::string_view word_of(operate::Drained::End end) {
    switch (end) {
    case operate::Drained::End::was_down:
        return "was-down";
    case operate::Drained::End::drained:
        return "drained";
    case operate::Drained::End::still_draining:
        return "still-draining";
    case operate::Drained::End::failed:
        break;
    }
    return "failed";
}

void print_line(const operate::Drained& one) {
    const double took = static_cast<double>(one.took.count()) / 1000.0;
    std::string line =
        fmt::format("{}: {} after {:.1f} s", one.profile.str(), word_of(one.end), took);
    if (!one.detail.empty()) {
        line += fmt::format(" ({})", printable(one.detail));
    }
    (void)print(line + "\n");
}

int run_drain(const Globals& globals, const std::optional<int>& timeout) {
    const auto station = Station::open(globals);
    if (!station) {
        return report_error(station.error());
    }
    sys::SystemEffects effects;
    const auto limit = deadline((*station)->settings(), timeout);
    const auto all =
        operate::drain_all(effects, (*station)->manager(), limit, [&](const auto& one) {
            if (!globals.json) {
                print_line(one);
            }
        });
    if (!all) {
        return report_error(Error(all.error()).within("cannot drain the gateways"));
    }
    Json gateways = Json::array();
    bool whole = true;
    for (const auto& one : *all) {
        whole = whole && (one.end == operate::Drained::End::drained ||
                          one.end == operate::Drained::End::was_down);
        gateways.push_back({{"profile", one.profile.str()},
                            {"end", word_of(one.end)},
                            {"seconds", static_cast<double>(one.took.count()) / 1000.0},
                            {"detail", one.detail.empty() ? Json() : Json(one.detail)}});
    }
    if (globals.json && !print_json({{"version", 1}, {"gateways", gateways}})) {
        return exit_status::some_failed;
    }
    return whole ? exit_status::done : exit_status::some_failed;
}

} // namespace

void add_drain(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "drain", "Take every gateway down for the container's stop (cont-finish.d hook): in "
                 "parallel, bounded, intent untouched");
    auto timeout = std::make_shared<std::optional<int>>();
    verb->add_option("--timeout", *timeout,
                     "Seconds (default: what S6_KILL_FINISH_MAXTIME leaves a hook)")
        ->type_name("SECONDS");
    verb->callback([&globals, &chosen, timeout] {
        chosen = [&globals, timeout] { return run_drain(globals, *timeout); };
    });
}

} // namespace gw::cli
