#include "cli/after_exit.hpp"

#include "base/text.hpp"
#include "cli/own_profile.hpp"
#include "cli/verbs.hpp"
#include "store/lifecycle.hpp"
#include "store/park.hpp"
#include "store/planned_end.hpp"
#include "sys/clock.hpp"
#include "sys/system_effects.hpp"

#include <fmt/format.h>
#include <thread>

namespace gw::cli {

namespace {

/// What tells s6-supervise not to start the service again (s6-supervise(1)).
constexpr int permanent_failure = 125;
/// What s6-supervise gives to finish as the exit code of a process that a signal ended.
constexpr int ended_by_signal = 256;

struct FinishWords {
    int code = 0;
    int signal = 0;
};

/// Waits before the next start; an operator's `start` forgets the deaths, which ends the wait.
void pause_before_start(const sys::Directory& profile, seconds pause) {
    constexpr milliseconds look_again{100};
    const sys::Deadline end(pause);
    while (!end.passed() && store::read_deaths(profile).count != 0) {
        std::this_thread::sleep_for(std::min(look_again, end.left()));
    }
}

void warn(const Result<void>& done) {
    if (!done) {
        sys::log_warning(printable(done.error().message));
    }
}

/// A count that cannot be kept is an error: the supervisor's own budget has to end the loop then.
Result<NextStart> act_on(const DeathVerdict& verdict, const sys::Directory& profile,
                         sys::Effects& effects, const std::string& name, Pausing pausing) {
    switch (verdict.action) {
    case AfterDeath::as_commanded:
        return NextStart::wanted;
    case AfterDeath::stay_down:
        warn(store::unpark(effects, profile));
        return NextStart::not_wanted;
    case AfterDeath::park:
        warn(store::write_deaths(effects, profile, verdict.tally));
        warn(store::park(effects, profile, verdict.reason, verdict.tally.count));
        sys::log_error(fmt::format("'{}' is parked: {}", name, verdict.reason));
        sys::log_error("next: gatewayctl logs " + name + ", then gatewayctl start " + name);
        return NextStart::not_wanted;
    case AfterDeath::start_again:
        break;
    }
    if (verdict.pause == seconds{0}) {
        return NextStart::wanted;
    }
    if (auto counted = store::write_deaths(effects, profile, verdict.tally); !counted) {
        return std::unexpected(std::move(counted.error()).within("cannot count this death"));
    }
    if (pausing == Pausing::here) {
        sys::log_warning(fmt::format("'{}' has died {} time(s) in a row: the next start is in {} s",
                                     name, verdict.tally.count, verdict.pause.count()));
        pause_before_start(profile, verdict.pause);
    }
    return NextStart::wanted;
}

} // namespace

Result<NextStart> after_exit(const Globals& globals, const ExitWords& words, Pausing pausing) {
    const auto name = own_profile(globals);
    const auto workplace = open_workplace(globals);
    if (!name || !workplace) {
        return std::unexpected(name ? workplace.error() : name.error());
    }
    const auto profile = workplace->home.require(*name);
    if (!profile) {
        return std::unexpected(profile.error());
    }
    sys::SystemEffects effects;
    Death death;
    death.code = words.code;
    death.signal = words.signal;
    death.at = sys::now().wall;
    death.planned = store::take_planned_end(effects, *profile);
    death.orderly = store::ended_orderly(*profile, death);
    warn(store::record_death(effects, *profile, death));
    const auto verdict =
        judge_death(store::read_deaths(*profile), death, workplace->settings.death_budget);
    return act_on(verdict, *profile, effects, name->str(), pausing);
}

void add_after_exit(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "after-exit", "For a slot's finish script: 125 when the gateway must not start again");
    verb->group(""); // not for people
    auto words = std::make_shared<FinishWords>();
    verb->add_option("code", words->code, "Exit code of run, 256 after a signal")->required();
    verb->add_option("signal", words->signal, "That signal");
    verb->callback([&globals, &chosen, words] {
        chosen = [&globals, words] {
            const auto signal =
                words->code >= ended_by_signal ? std::optional(words->signal) : std::nullopt;
            const auto next = after_exit(globals, {words->code, signal}, Pausing::here);
            return !next                            ? report_error(next.error())
                   : *next == NextStart::not_wanted ? permanent_failure
                                                    : exit_status::done;
        };
    });
}

} // namespace gw::cli
