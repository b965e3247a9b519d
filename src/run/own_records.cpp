#include "run/own_records.hpp"

#include "store/state_file.hpp"
#include "sys/processes.hpp"

#include <fmt/format.h>

namespace gw::run {

namespace {

constexpr const char* own_kind = "gateway";

Result<void> refuse_behind_run(const sys::Directory& profile) {
    return store::is_run_locked(profile)
               ? fail(Errc::conflict,
                      profile.path() + " is held by a `gatewayctl run`, which records for it",
                      "gatewayctl state show")
               : Result<void>{};
}

/// Those writes that failed have been said.
Result<void> outcome_of(const Ledger& ledger, const sys::Directory& profile) {
    return ledger.is_complete()
               ? Result<void>{}
               : fail(Errc::io, "not all of it could be recorded in " + profile.path(),
                      "df -h " + profile.path());
}

void begin(Ledger& ledger, const ProcessIdentity& process) {
    ledger.begin(sys::command_line(process.pid), process, store::Arrival::free);
}

/// Whether it has not been ready yet; one that never said anything had no time to fail.
LifePhase phase_of(const sys::Directory& profile, const ProcessIdentity& process) {
    const auto file = store::read_json_file(profile, store::state_file_name);
    const auto state =
        file.answer == FileAnswer::ok ? read_gateway_state(file.object) : GatewayState{};
    return state.process == process && state.gateway_state == to_string(LiveState::starting)
               ? LifePhase::starting
               : LifePhase::ready;
}

EndOfLife end_of_life(const OwnEnd& end, LifePhase phase, MarkerSaid said) {
    EndOfLife life;
    life.phase = phase;
    life.child = {ChildEnd::Kind::exited, end.exit_code};
    life.marker = said;
    const bool by_itself = end.cause == OwnCause::finished;
    life.signal = by_itself ? StopSignal::none : StopSignal::terminate;
    life.drain = by_itself ? DrainEnd::not_needed : end.drain;
    return life;
}

MarkerSaid said_by(OwnCause cause) {
    switch (cause) {
    case OwnCause::planned_stop:
        return MarkerSaid::stop;
    case OwnCause::takeover:
        return MarkerSaid::takeover;
    case OwnCause::restart:
        return MarkerSaid::restart;
    case OwnCause::unmarked_signal:
    case OwnCause::finished:
        break;
    }
    return MarkerSaid::nothing;
}

std::string describe(const Verdict& verdict, const OwnEnd& end, const std::string& asked_by) {
    std::string text = fmt::format("{}: code {}", to_string(verdict.cause), end.exit_code);
    text += asked_by.empty() ? "" : ", asked for by " + asked_by;
    text += end.drain == DrainEnd::timed_out ? ", drain timed out" : "";
    return end.words.empty() ? text : text + ", " + end.words;
}

} // namespace

Result<void> record_own_state(sys::Effects& effects, const sys::Directory& profile,
                              const ProcessIdentity& process, LiveState state) {
    if (auto free = refuse_behind_run(profile); !free) {
        return free;
    }
    Ledger ledger(effects, profile, {process, process}, own_kind);
    const bool begins = !store::is_record_of(profile, process);
    if (begins) {
        begin(ledger, process);
    }
    if (state == LiveState::draining) {
        ledger.stop_progress(store::StopProgress::draining);
    }
    if (!begins || state != LiveState::starting) {
        ledger.live(state);
    }
    return outcome_of(ledger, profile);
}

Result<Verdict> record_own_end(sys::Effects& effects, const sys::Directory& profile,
                               const ProcessIdentity& process, const OwnEnd& end) {
    if (auto free = refuse_behind_run(profile); !free) {
        return std::unexpected(std::move(free.error()));
    }
    Ledger ledger(effects, profile, {process, process}, own_kind);
    const auto phase = phase_of(profile, process);
    if (!store::is_record_of(profile, process)) {
        begin(ledger, process);
    }
    auto note = Ledger::Note{said_by(end.cause), {}};
    if (note.said == MarkerSaid::nothing) {
        note = ledger.take_marker();
    }
    const auto life = end_of_life(end, phase, note.said);
    const auto verdict = judge_end(life);
    if (life.drain != DrainEnd::not_needed) {
        ledger.stop_progress(end.drain == DrainEnd::timed_out ? store::StopProgress::timed_out
                                                              : store::StopProgress::drained);
    }
    ledger.end(verdict, life.child, describe(verdict, end, note.who));
    const auto done = outcome_of(ledger, profile);
    return done ? Result<Verdict>(verdict) : std::unexpected(done.error());
}

} // namespace gw::run
