#include "rules/verdict.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace gw {

namespace {

constexpr std::array<std::string_view, 10> cause_names = {
    "planned-stop",    "terminal-interrupt", "takeover",   "restart",         "fenced",
    "unmarked-signal", "finished",           "bad-config", "failed-to-start", "crashed"};
static_assert(cause_names.size() == static_cast<std::size_t>(EndCause::crashed) + 1);

} // namespace

std::string_view to_string(EndCause cause) {
    return cause_names.at(static_cast<std::size_t>(cause));
}

std::optional<EndCause> parse_end_cause(std::string_view word) {
    const auto* const found = std::find(cause_names.begin(), cause_names.end(), word);
    return found == cause_names.end()
               ? std::nullopt
               : std::optional(static_cast<EndCause>(found - cause_names.begin()));
}

bool was_asked_for(EndCause cause) {
    return cause <= EndCause::unmarked_signal;
}

std::string_view to_string(EndState state) {
    constexpr std::array<std::string_view, 3> names = {"stopped", "running", "startup_failed"};
    static_assert(names.size() == static_cast<std::size_t>(EndState::startup_failed) + 1);
    return names.at(static_cast<std::size_t>(state));
}

namespace {

bool exited_with(const ChildEnd& child, int code) {
    return child.kind == ChildEnd::Kind::exited && child.value == code;
}

bool wants_restart(const EndOfLife& end) {
    const bool crashed_unasked =
        end.drain == DrainEnd::not_needed && end.child.kind == ChildEnd::Kind::killed;
    return end.marker == MarkerSaid::restart || (end.restart_asked && !crashed_unasked);
}

/// Nobody asked for this end: the child's own way out decides.
Verdict judge_child(const EndOfLife& end) {
    if (exited_with(end.child, 0)) {
        return {EndCause::finished, EndState::stopped, 0, true};
    }
    if (exited_with(end.child, restart_exit_code)) {
        return {EndCause::restart, EndState::stopped, restart_exit_code, true};
    }
    if (exited_with(end.child, config_exit_code)) {
        return {EndCause::bad_config, EndState::startup_failed, config_exit_code, false};
    }
    if (end.phase == LifePhase::starting) {
        return {EndCause::failed_to_start, EndState::startup_failed, end.child.shell_code(), false};
    }
    return {EndCause::crashed, EndState::running, end.child.shell_code(), false};
}

} // namespace

Verdict judge_end(const EndOfLife& end) {
    const bool clean = end.drain != DrainEnd::timed_out;
    if (end.marker == MarkerSaid::takeover) {
        return {EndCause::takeover, EndState::stopped, 0, clean};
    }
    if (end.marker == MarkerSaid::stop) {
        return {EndCause::planned_stop, EndState::stopped, 0, clean};
    }
    if (end.signal == StopSignal::terminal_interrupt) {
        return {EndCause::terminal_interrupt, EndState::stopped, 0, clean};
    }
    if (wants_restart(end)) {
        return {EndCause::restart, EndState::stopped, restart_exit_code, clean};
    }
    if (end.fenced) {
        return {EndCause::fenced, EndState::running, restart_exit_code, clean};
    }
    if (end.signal == StopSignal::terminate) {
        return {EndCause::unmarked_signal, EndState::running, unmarked_exit_code, clean};
    }
    return judge_child(end);
}

} // namespace gw
