#include "run/life.hpp"

#include "base/signal_name.hpp"
#include "base/text.hpp"
#include "rules/death_budget.hpp"
#include "rules/variables.hpp"
#include "sys/log.hpp"
#include "sys/processes.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace gw::run {

namespace {

/// Longest wait for processes that SIGKILL does not end at once (a disk that hangs).
constexpr milliseconds kill_patience{5000};

/// A planned stop that comes without a signal is noticed this soon, and acted on when the signal
/// has not come until the next look.
constexpr milliseconds look_for_marker{2000};

/// While it drains, a command that is stopped is continued this soon: it would use up its time.
constexpr milliseconds look_at_stopped{1000};

ProcessIdentity own_identity() {
    const Pid self{::getpid()};
    return sys::identity_of(self).value_or(ProcessIdentity{self, std::nullopt});
}

} // namespace

Life::Life(const RunOptions& options, const sys::Directory& profile, sys::Effects& effects,
           sys::SignalEvents& signals, Readiness& readiness, store::Arrival arrival,
           FenceGuard* fence)
    : options_(options), signals_(signals), readiness_(readiness),
      ledger_(effects, profile, {own_identity(), {}}), arrival_(arrival), fence_(fence),
      marker_look_(look_for_marker) {}

LifeOutcome Life::live() {
    if (may_start() && start()) {
        watch();
        sweep();
    } else if (!end_.fenced) {
        ledger_.begin(options_.command, {}, arrival_);
    }
    return finish();
}

bool Life::may_start() {
    take_signals();
    if (stopping_) {
        return false;
    }
    if (fence_ != nullptr && !fence_->begin_life()) {
        note_fenced();
        return false;
    }
    return true;
}

bool Life::start() {
    auto setup = readiness_.prepare();
    if (fence_ != nullptr) {
        setup.environment.emplace_back(name_of(Variable::fencing_token),
                                       std::to_string(fence_->token().value));
    }
    const auto pid = sys::start_child(options_.command, signals_, setup);
    if (!pid) {
        // As a shell: 127 when there is no such command, 126 when it cannot be executed.
        end_.child = {ChildEnd::Kind::exited, pid.error().code == Errc::not_found ? 127 : 126};
        sys::log_error(printable(pid.error().message));
        return false;
    }
    child_ = *pid;
    readiness_.started();
    const auto identity = sys::identity_of(*pid);
    ledger_.begin(options_.command, identity.value_or(ProcessIdentity{*pid, std::nullopt}),
                  arrival_);
    drain_timeout_ = options_.drain_timeout();
    return true;
}

void Life::watch() {
    while (child_) {
        wait_for_news();
        // Signals before deaths: a stop that killed the child too was a stop.
        take_signals();
        if (end_.phase == LifePhase::starting && !stopping_ && readiness_.look()) {
            end_.phase = LifePhase::ready;
            readiness_.announce_ready();
            ledger_.ready();
            sys::drop_idle_code();
        } else {
            (void)readiness_.look();
        }
        reap_all();
        if (child_ && !stopping_) {
            heed_marker();
        }
        if (child_ && !heed_fence()) {
            return;
        }
        if (drain_ && child_) {
            sys::continue_stopped({*child_, std::nullopt});
        }
        if (drain_ && drain_->passed()) {
            return;
        }
    }
}

void Life::wait_for_news() {
    std::array<pollfd, 4> events = {pollfd{signals_.fd(), POLLIN, 0},
                                    pollfd{readiness_.pipe_fd(), POLLIN, 0},
                                    pollfd{readiness_.socket_fd(), POLLIN, 0},
                                    pollfd{fence_ != nullptr ? fence_->fd() : -1, POLLIN, 0}};
    auto left = drain_ ? std::min(drain_->left(), look_at_stopped) : marker_look_.left();
    if (const auto until_ready = readiness_.left(); until_ready && !drain_) {
        left = std::min(left, *until_ready);
    }
    // Rounded up, so that a deadline has passed when the wait is over.
    (void)::poll(events.data(), events.size(), static_cast<int>(left.count() + 1));
}

void Life::heed_marker() {
    if (!marker_look_.passed()) {
        return;
    }
    marker_look_ = sys::Deadline(look_for_marker);
    const bool marked = ledger_.stop_is_marked();
    if (marked && was_marked_) {
        begin_stop(SIGTERM);
    }
    was_marked_ = marked;
}

void Life::note_fenced() {
    if (!end_.fenced) {
        end_.fenced = true;
        fenced_why_ = fence_->why();
        sys::log_warning("it may not run here any longer: " + fenced_why_);
    }
}

bool Life::heed_fence() {
    const auto verdict = fence_ != nullptr ? fence_->look() : FenceVerdict::open;
    if (verdict == FenceVerdict::ending && !stopping_) {
        note_fenced();
        begin_stop(SIGTERM);
    }
    if (verdict != FenceVerdict::closed) {
        return true;
    }
    // Before anything else: what is written to a volume may take its time.
    end_.drain = DrainEnd::timed_out;
    kill_all();
    note_fenced();
    return false;
}

void Life::take_signals() {
    while (const auto event = signals_.next()) {
        on_signal(*event);
    }
}

void Life::on_signal(const sys::SignalEvents::Event& event) {
    switch (meaning_of(event.number, event.origin)) {
    case SignalMeaning::stop:
        return on_stop(StopSignal::terminate, event);
    case SignalMeaning::interrupt:
        return on_stop(StopSignal::terminal_interrupt, event);
    case SignalMeaning::restart:
        return on_restart_request();
    case SignalMeaning::gateways_own:
        return forward(event);
    case SignalMeaning::look:
    case SignalMeaning::nothing:
    case SignalMeaning::job_control:
        return;
    }
}

void Life::forward(const sys::SignalEvents::Event& event) {
    const bool has_it = event.origin == SignalOrigin::kernel &&
                        comes_from_terminals(event.number) && child_ &&
                        ::getpgid(child_->value) == ::getpgrp();
    if (child_ && !has_it) {
        sys::send_signal(*child_, event.number);
    }
}

void Life::on_stop(StopSignal kind, const sys::SignalEvents::Event& event) {
    if (end_.signal == StopSignal::none) {
        end_.signal = kind;
        stop_signal_ = event.number;
    }
    if (stopping_) {
        return;
    }
    begin_stop(0);
    forward({passed_on_stop(event.number), event.origin});
}

void Life::on_restart_request() {
    end_.restart_asked = true;
    if (!stopping_) {
        // A program that does not know SIGUSR1 would die of it; SIGTERM asks it to drain.
        begin_stop(child_ && sys::handles_signal(*child_, SIGUSR1) ? SIGUSR1 : SIGTERM);
    }
}

void Life::begin_stop(int forwarded) {
    stopping_ = true;
    ledger_.stop_progress(store::StopProgress::draining);
    take_marker();
    const bool before_ready = forwarded == 0 && end_.phase == LifePhase::starting;
    if (before_ready && end_.marker == MarkerSaid::nothing && options_.stop_was_asked &&
        options_.stop_was_asked()) {
        end_.marker = MarkerSaid::stop;
        asked_by_ = "the supervisor's own stop";
    }
    if (!child_) {
        return;
    }
    ledger_.hand_marker_on();
    ledger_.live(LiveState::draining);
    readiness_.announce_stopping();
    drain_.emplace(drain_timeout_);
    end_.drain = DrainEnd::drained;
    if (forwarded != 0) {
        sys::send_signal(*child_, forwarded);
    }
}

void Life::take_marker() {
    if (end_.marker != MarkerSaid::nothing) {
        return;
    }
    auto note = ledger_.take_marker();
    end_.marker = note.said;
    asked_by_ = std::move(note.who);
}

void Life::reap_all() {
    while (const auto reaped = sys::reap()) {
        if (child_ && reaped->pid == *child_) {
            end_.child = reaped->end;
            child_.reset();
        }
    }
}

void Life::sweep() {
    if (!child_ && sys::descendants().empty()) {
        return;
    }
    if (child_) {
        end_.drain = DrainEnd::timed_out;
        ledger_.stop_progress(store::StopProgress::timed_out);
        sys::log_warning(fmt::format("the drain took longer than {} s: ending what is left",
                                     drain_timeout_.count()));
    }
    const auto grace =
        fence_ != nullptr ? std::min(leftover_grace, fence_->until_kill()) : leftover_grace;
    if (!sweep_with(SIGTERM, grace)) {
        kill_all();
    }
}

void Life::kill_all() {
    if (!sweep_with(SIGKILL, kill_patience)) {
        sys::log_error("processes of this gateway survive SIGKILL (a disk that hangs?)");
    }
}

/// False when something still lives at the end of the patience.
bool Life::sweep_with(int number, milliseconds patience) {
    const sys::Deadline end(patience);
    constexpr milliseconds pause{20};
    std::vector<ProcessIdentity> told;
    while (true) {
        // In this order: what has died before the look is no descendant, and must be reaped.
        const auto left = sys::descendants();
        reap_all();
        if (left.empty()) {
            return true;
        }
        if (end.passed()) {
            return false;
        }
        for (const auto& process : left) {
            // Each one once; SIGKILL also what was forked meanwhile.
            if (std::find(told.begin(), told.end(), process) == told.end()) {
                sys::send_signal(process, number);
                told.push_back(process);
            }
            sys::continue_stopped(process);
        }
        pollfd event{signals_.fd(), POLLIN, 0};
        (void)::poll(&event, 1, static_cast<int>(std::min(pause, end.left()).count()));
        take_signals();
    }
}

std::string Life::describe(const Verdict& verdict) const {
    const std::string end =
        end_.child.kind == ChildEnd::Kind::killed   ? signal_name(end_.child.value)
        : end_.child.kind == ChildEnd::Kind::exited ? fmt::format("code {}", end_.child.value)
        : child_                                    ? std::string("it does not die")
                                                    : std::string("never started");
    std::string text = fmt::format("{}: {}", to_string(verdict.cause), end);
    if (!fenced_why_.empty()) {
        text += ", " + fenced_why_;
    }
    if (!asked_by_.empty()) {
        text += fmt::format(", asked for by {}", asked_by_);
    } else if (stop_signal_ != 0) {
        text += fmt::format(", after {}", signal_name(stop_signal_));
    }
    if (end_.drain == DrainEnd::timed_out) {
        text += ", drain timed out";
    }
    return text;
}

LifeOutcome Life::finish() {
    take_signals();
    // What lies on the volume may be another member's by now.
    const bool records = fence_ == nullptr || fence_->may_record();
    if (records) {
        take_marker();
    }
    end_.restart_asked = end_.restart_asked || ledger_.restart_requested();
    const auto verdict = judge_end(end_);
    const std::string detail = describe(verdict);
    if (records) {
        record(verdict, detail);
    }
    sys::log_info(detail);
    // A bare SIGTERM on the way wants it gone from here: the code 75 tells whoever started it.
    const bool wanted_back = end_.signal == StopSignal::none || end_.marker == MarkerSaid::restart;
    return {verdict, verdict.cause == EndCause::restart && wanted_back};
}

void Life::record(const Verdict& verdict, const std::string& detail) {
    const auto& child = end_.child;
    const bool cut_off = end_.drain == DrainEnd::timed_out ||
                         (child.kind == ChildEnd::Kind::killed && !asks_to_end(child.value));
    if (stopping_ && !cut_off) {
        ledger_.stop_progress(store::StopProgress::drained);
    }
    ledger_.end(verdict, end_.child, detail);
}

} // namespace gw::run
