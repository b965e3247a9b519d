// Section by section the table of rules/verdict.hpp, and the precedence between its rows.
#include "rules/verdict.hpp"

#include <doctest/doctest.h>

using namespace gw;

namespace {

constexpr ChildEnd exited(int code) {
    return {ChildEnd::Kind::exited, code};
}
constexpr ChildEnd killed(int signal) {
    return {ChildEnd::Kind::killed, signal};
}
constexpr auto ready = LifePhase::ready;
constexpr auto starting = LifePhase::starting;
constexpr auto no_signal = StopSignal::none;
constexpr auto terminate = StopSignal::terminate;
constexpr auto ctrl_c = StopSignal::terminal_interrupt;
constexpr auto drained = DrainEnd::drained;
constexpr auto timed_out = DrainEnd::timed_out;
constexpr auto not_needed = DrainEnd::not_needed;

struct Row {
    const char* name;
    EndOfLife end;
    Verdict verdict;
};

// signal, marker, restart asked, phase, child, drain -> cause, state, code, clean
const Row rows[] = {
    // NOLINT(modernize-avoid-c-arrays)
    {"planned stop",
     {terminate, MarkerSaid::stop, false, ready, exited(7), drained},
     {EndCause::planned_stop, EndState::stopped, 0, true}},
    {"planned stop that needed SIGKILL",
     {terminate, MarkerSaid::stop, false, ready, killed(9), timed_out},
     {EndCause::planned_stop, EndState::stopped, 0, false}},
    {"planned stop while starting",
     {terminate, MarkerSaid::stop, false, starting, exited(1), drained},
     {EndCause::planned_stop, EndState::stopped, 0, true}},
    {"planned stop before there is a child",
     {terminate, MarkerSaid::stop, false, starting, {}, not_needed},
     {EndCause::planned_stop, EndState::stopped, 0, true}},
    {"planned stop beats a restart asked for before",
     {terminate, MarkerSaid::stop, true, ready, exited(75), drained},
     {EndCause::planned_stop, EndState::stopped, 0, true}},
    {"Ctrl-C",
     {ctrl_c, MarkerSaid::nothing, false, ready, killed(2), drained},
     {EndCause::terminal_interrupt, EndState::stopped, 0, true}},
    {"takeover",
     {terminate, MarkerSaid::takeover, false, ready, exited(0), drained},
     {EndCause::takeover, EndState::stopped, 0, true}},
    {"takeover beats a restart",
     {terminate, MarkerSaid::takeover, true, ready, exited(0), drained},
     {EndCause::takeover, EndState::stopped, 0, true}},
    {"unmarked signal",
     {terminate, MarkerSaid::nothing, false, ready, exited(0), drained},
     {EndCause::unmarked_signal, EndState::running, 1, true}},
    {"unmarked signal, drain timed out",
     {terminate, MarkerSaid::nothing, false, ready, killed(9), timed_out},
     {EndCause::unmarked_signal, EndState::running, 1, false}},
    {"unmarked signal while starting",
     {terminate, MarkerSaid::nothing, false, starting, killed(15), drained},
     {EndCause::unmarked_signal, EndState::running, 1, true}},
    {"unmarked signal before there is a child",
     {terminate, MarkerSaid::nothing, false, starting, {}, not_needed},
     {EndCause::unmarked_signal, EndState::running, 1, true}},
    {"fenced",
     {no_signal, MarkerSaid::nothing, false, ready, exited(0), drained, true},
     {EndCause::fenced, EndState::running, 75, true}},
    {"fenced, and the lease was over before the drain",
     {no_signal, MarkerSaid::nothing, false, ready, killed(9), timed_out, true},
     {EndCause::fenced, EndState::running, 75, false}},
    {"fenced while a container's stop drains it",
     {terminate, MarkerSaid::nothing, false, ready, killed(9), timed_out, true},
     {EndCause::fenced, EndState::running, 75, false}},
    {"fenced while a planned stop drains it",
     {terminate, MarkerSaid::stop, false, ready, killed(9), timed_out, true},
     {EndCause::planned_stop, EndState::stopped, 0, false}},
    {"restart by SIGUSR1",
     {no_signal, MarkerSaid::nothing, true, ready, exited(0), drained},
     {EndCause::restart, EndState::stopped, 75, true}},
    {"restart asked for, then a signal",
     {terminate, MarkerSaid::nothing, true, ready, exited(1), drained},
     {EndCause::restart, EndState::stopped, 75, true}},
    {"restart by a marker",
     {terminate, MarkerSaid::restart, false, ready, exited(0), drained},
     {EndCause::restart, EndState::stopped, 75, true}},
    {"restart in the state file, own code",
     {no_signal, MarkerSaid::nothing, true, ready, exited(3), not_needed},
     {EndCause::restart, EndState::stopped, 75, true}},
    {"a request followed by a crash is a crash",
     {no_signal, MarkerSaid::nothing, true, ready, killed(11), not_needed},
     {EndCause::crashed, EndState::running, 139, false}},
    {"child exits 0",
     {no_signal, MarkerSaid::nothing, false, ready, exited(0), not_needed},
     {EndCause::finished, EndState::stopped, 0, true}},
    {"child exits 0 before it is ready",
     {no_signal, MarkerSaid::nothing, false, starting, exited(0), not_needed},
     {EndCause::finished, EndState::stopped, 0, true}},
    {"child exits 75",
     {no_signal, MarkerSaid::nothing, false, starting, exited(75), not_needed},
     {EndCause::restart, EndState::stopped, 75, true}},
    {"EX_CONFIG",
     {no_signal, MarkerSaid::nothing, false, ready, exited(78), not_needed},
     {EndCause::bad_config, EndState::startup_failed, 78, false}},
    {"dies before it is ready",
     {no_signal, MarkerSaid::nothing, false, starting, exited(3), not_needed},
     {EndCause::failed_to_start, EndState::startup_failed, 3, false}},
    {"killed before it is ready",
     {no_signal, MarkerSaid::nothing, false, starting, killed(9), not_needed},
     {EndCause::failed_to_start, EndState::startup_failed, 137, false}},
    {"dies later",
     {no_signal, MarkerSaid::nothing, false, ready, exited(3), not_needed},
     {EndCause::crashed, EndState::running, 3, false}},
    {"killed later",
     {no_signal, MarkerSaid::nothing, false, ready, killed(11), not_needed},
     {EndCause::crashed, EndState::running, 139, false}},
};

} // namespace

TEST_CASE("every end of life has its state, exit code and cleanness") {
    for (const auto& row : rows) {
        CAPTURE(row.name);
        const auto verdict = judge_end(row.end);
        CHECK(to_string(verdict.cause) == to_string(row.verdict.cause));
        CHECK(to_string(verdict.state) == to_string(row.verdict.state));
        CHECK(verdict.exit_code == row.verdict.exit_code);
        CHECK(verdict.clean == row.verdict.clean);
    }
}

TEST_CASE("an unmarked signal is never a success and never a stop, whatever the child does") {
    for (const auto phase : {starting, ready}) {
        for (const auto& child :
             {exited(0), exited(1), exited(75), exited(78), killed(15), ChildEnd{}}) {
            const auto verdict =
                judge_end({terminate, MarkerSaid::nothing, false, phase, child, drained});
            CHECK(verdict.state == EndState::running);
            CHECK(verdict.exit_code == unmarked_exit_code);
        }
    }
}
