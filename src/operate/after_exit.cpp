#include "operate/after_exit.hpp"

#include "base/text.hpp"
#include "store/holder.hpp"
#include "store/lifecycle.hpp"
#include "store/park.hpp"
#include "store/planned_end.hpp"
#include "store/profile_snapshot.hpp"
#include "store/required_records.hpp"
#include "sys/log.hpp"
#include "sys/waiting.hpp"

#include <fmt/format.h>

namespace gw::operate {

namespace {

/// Waits before the next start; an operator's `start` forgets the deaths, which ends the wait.
void pause_before_start(const sys::Directory& profile, std::chrono::seconds pause) {
    constexpr std::chrono::milliseconds look_again{100};
    const auto forgotten = [&] {
        const auto deaths = store::require_deaths(profile);
        return deaths && deaths->count == 0;
    };
    (void)sys::poll_until(sys::Deadline(pause), forgotten, look_again);
}

void warn(const Result<void>& done) {
    if (!done) {
        sys::log_warning(printable(done.error().message));
    }
}

void park(sys::Effects& effects, const EndedGateway& gateway, const DeathVerdict& verdict) {
    const auto life = store::read_traces(gateway.directory).record.life;
    warn(store::write_deaths(effects, gateway.directory, verdict.tally, life));
    warn(store::park(effects, gateway.directory, verdict.reason, verdict.tally.count, life));
    const std::string& name = gateway.profile.str();
    sys::log_error(Error{Errc::conflict, fmt::format("'{}' is parked: {}", name, verdict.reason),
                         "gatewayctl logs " + name + ", then gatewayctl start " + name});
}

/// A count that cannot be kept is an error: the supervisor's own budget has to end the loop then.
Result<NextStart> start_again(sys::Effects& effects, const EndedGateway& gateway,
                              const DeathVerdict& verdict, Pausing pausing) {
    if (verdict.pause == std::chrono::seconds{0}) {
        return NextStart::wanted;
    }
    const auto life = store::read_traces(gateway.directory).record.life;
    if (auto counted = store::write_deaths(effects, gateway.directory, verdict.tally, life);
        !counted) {
        return std::unexpected(std::move(counted.error()).within("cannot count this death"));
    }
    if (pausing == Pausing::here) {
        sys::log_warning(fmt::format("'{}' has died {} time(s) in a row: the next start is in {} s",
                                     gateway.profile.str(), verdict.tally.count,
                                     verdict.pause.count()));
        pause_before_start(gateway.directory, verdict.pause);
    }
    return NextStart::wanted;
}

/// Waits for the end of whoever holds the profile.
void wait_until_free(const sys::Directory& profile, std::chrono::seconds at_most) {
    constexpr std::chrono::milliseconds look_again{1000};
    (void)sys::poll_until(
        sys::Deadline(at_most), [&] { return !store::is_held(profile); }, look_again);
}

/// A gateway that a SIGKILL of its front has ended leaves its own lock a moment later.
bool is_held_by_another(const sys::Directory& profile) {
    constexpr std::chrono::milliseconds last_moment{200};
    return !sys::poll_until(sys::Deadline(last_moment), [&] { return !store::is_held(profile); });
}

/// Who ended the one that held the profile. Takes the note of a planned end.
Result<EndedBy> who_ended(sys::Effects& effects, const sys::Directory& profile, const Death& death,
                          const ServiceEnd& end) {
    const auto planned = store::take_planned_end(effects, profile);
    if (end.commanded || (planned && *planned)) {
        return EndedBy::command;
    }
    if (death.signal && asks_to_end(*death.signal)) {
        return EndedBy::request;
    }
    const auto traces = planned ? store::require_traces(profile) : std::unexpected(planned.error());
    if (!traces) {
        return std::unexpected(traces.error());
    }
    return was_asked_to_end(*traces, {end.code, end.signal, death.at}) ? EndedBy::request
                                                                       : EndedBy::itself;
}

} // namespace

Result<Death> record_end(sys::Effects& effects, const sys::Directory& profile,
                         const ServiceEnd& end) {
    Death death{end.code, end.signal, end.at.value_or(sys::now().wall), EndedBy::itself};
    if (is_held_by_another(profile)) {
        const bool succeeded = !end.signal && end.code == 0; // a refused one never does
        death.by = end.commanded ? EndedBy::command
                   : succeeded   ? EndedBy::takeover
                                 : EndedBy::refusal;
        return death;
    }
    const auto by = who_ended(effects, profile, death, end);
    if (!by) {
        return std::unexpected(Error(by.error()).within("cannot tell who ended it"));
    }
    death.by = *by;
    warn(store::record_told_end(effects, profile, death));
    return death;
}

Result<NextStart> after_exit(sys::Effects& effects, const EndedGateway& gateway,
                             const ServiceEnd& end, Pausing pausing) {
    // Nobody else gets the volume while the end is recorded.
    const auto share = gateway.volume.take(effects);
    if (!share.is_ours()) {
        return pausing == Pausing::here ? NextStart::not_wanted : NextStart::wanted;
    }
    const auto death = record_end(effects, gateway.directory, end);
    const auto before =
        death ? store::require_deaths(gateway.directory) : std::unexpected(death.error());
    if (!before) {
        return std::unexpected(Error(before.error()).within("cannot count this death"));
    }
    const auto verdict = judge_death(*before, *death, gateway.death_budget);
    switch (verdict.action) {
    case AfterDeath::as_commanded:
        return NextStart::wanted;
    case AfterDeath::stay_down:
        if (death->by != EndedBy::takeover) {
            warn(store::unpark(effects, gateway.directory));
        }
        return NextStart::not_wanted;
    case AfterDeath::park:
        park(effects, gateway, verdict);
        return NextStart::not_wanted;
    case AfterDeath::start_when_free:
        if (pausing == Pausing::here) {
            wait_until_free(gateway.directory, verdict.pause);
        }
        return NextStart::wanted;
    case AfterDeath::start_again:
        break;
    }
    // Whoever parked it was killed before the supervisor heard of it.
    return stays_parked(gateway.directory, gateway.profile)
               ? Result<NextStart>(NextStart::not_wanted)
               : start_again(effects, gateway, verdict, pausing);
}

bool stays_parked(const sys::Directory& profile, const ProfileName& name) {
    if (!profile.has(store::parked_file_name)) {
        return false;
    }
    const auto parked = store::read_snapshot(profile).parked;
    if (parked) {
        sys::log_error(
            Error{Errc::conflict,
                  "parked since " + printable(parked->since) + ": " + printable(parked->reason),
                  "gatewayctl start " + name.str() + " takes it out"});
    }
    return parked.has_value();
}

} // namespace gw::operate
