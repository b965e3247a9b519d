#include "operate/watch.hpp"

#include "base/signal_name.hpp"
#include "base/text.hpp"
#include "operate/holder.hpp"
#include "rules/findings.hpp"
#include "store/holder.hpp"
#include "store/marker_file.hpp"
#include "store/operation_lock.hpp"
#include "sys/processes.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::operate {

namespace {

using std::chrono::steady_clock;

std::string how_it_ended(const ObservedService& service) {
    if (service.last_exit && service.last_exit->signal) {
        return "by " + signal_name(*service.last_exit->signal);
    }
    if (service.last_exit && service.last_exit->code) {
        return fmt::format("with code {}", *service.last_exit->code);
    }
    return "and nothing is known of how";
}

/// The process of the watch that has not ended.
std::optional<ProcessIdentity> living(const Watch& watch) {
    for (const auto& process : {watch.before, watch.outside}) {
        if (process && sys::is_alive(*process)) {
            return process;
        }
    }
    return std::nullopt;
}

bool is_held(const Operator& by, const ProfileName& profile) {
    const auto directory = by.home.find(profile);
    return directory && *directory && store::is_held(**directory);
}

Error error_of(Failure failure, const Pending& pending, const ObservedService& service) {
    const std::string& name = pending.profile.str();
    const auto pid = living(pending.watch).value_or(ProcessIdentity{}).pid.value;
    const std::string logs = fmt::format("gatewayctl logs {}", name);
    switch (failure) {
    case Failure::still_lives:
        return {Errc::timed_out, fmt::format("'{}' still lives: pid {}", name, pid),
                pending.watch.escalation == Escalation::kill
                    ? fmt::format("ps -o pid,stat,wchan,cmd -p {}", pid)
                    : fmt::format("gatewayctl {} --force {}",
                                  pending.watch.goal == Goal::down ? "stop" : "restart", name)};
    case Failure::held_elsewhere:
        return {Errc::conflict,
                fmt::format("'{}' is down here, but a process that is not in sight, in another "
                            "container perhaps, runs it: it holds its lock",
                            name),
                fmt::format("gatewayctl stop {}, where it runs", name)};
    case Failure::not_down:
        return {Errc::timed_out, fmt::format("'{}' is not down after the deadline", name), logs};
    case Failure::ended_for_good:
    case Failure::ended_and_retried:
        return {Errc::command_failed,
                fmt::format("'{}' ended at once, {}; {}", name, how_it_ended(service),
                            failure == Failure::ended_for_good ? "it is not started again"
                                                               : "its supervisor keeps trying"),
                logs};
    case Failure::not_up:
    case Failure::none:
        break;
    }
    return {Errc::timed_out, fmt::format("'{}' is not up after the deadline", name), logs};
}

/// One operation in the loop.
struct Watched {
    Pending* pending;
    std::optional<Result<void>> end;
    steady_clock::time_point next_look{}; ///< at the latest
};

void set_limits(Pending& pending, const OperationOptions& options, const Settings& settings) {
    pending.watch.escalation = options.escalation;
    pending.watch.limits = {options.timeout.value_or(stop_deadline(settings.drain_timeout)),
                            options.timeout.value_or(start_deadline)};
}

/// The start once more, unless the operator has asked for something else since: the latest intent
/// wins, and a wait never undoes it.
Result<void> command_again(const Operator& by, const Pending& pending) {
    const auto directory = by.home.require(pending.profile);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    const auto lock = store::lock_operations(by.effects, *directory);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    const auto files = store::read_intent(*directory);
    if (files.resolved.kind == Intent::Kind::stopped) {
        return fail(Errc::conflict,
                    fmt::format("'{}' is not wanted any more: {} has asked for its stop meanwhile",
                                pending.profile.str(),
                                printable(provenance_of(files.resolved, files.intent_file)
                                              .value_or(Provenance{})
                                              .program)),
                    "gatewayctl status " + pending.profile.str());
    }
    return by.manager.start(by.effects, pending.profile);
}

Result<void> kill(const Operator& by, const Pending& pending) {
    if (pending.watch.outside) {
        kill_holder(*pending.watch.outside);
    }
    const auto& supervised = pending.watch.before;
    return supervised && sys::is_alive(*supervised) ? by.manager.kill(by.effects, pending.profile)
                                                    : Result<void>{};
}

/// A gateway whose work was cut off is stopped; that it could not finish is said.
void say_how_it_ended(const Operator& by, Pending& pending, ObservedService service) {
    const auto& watch = pending.watch;
    if (watch.goal != Goal::down || (!watch.before && !watch.outside)) {
        return;
    }
    if (watch.outside) {
        service.last_exit.reset(); // not of the process that had the work
    }
    const auto verdict = stop_verdict(by.home, pending.profile, pending.note_before, service);
    if (verdict.end == StopEnd::cut_off) {
        pending.warnings.push_back(finding(FindingCode::drain_cut_off, pending.profile.str(),
                                           "its drain was cut off", verdict.why));
    }
}

/// Looks once, and does what follows from it.
void look_at(const Operator& by, Watched& one, steady_clock::time_point now,
             milliseconds look_again) {
    auto& pending = *one.pending;
    const auto service = by.manager.observe_process(pending.profile);
    if (!service) {
        one.end = std::unexpected(service.error());
        return;
    }
    Seen look{*service, living(pending.watch).has_value()};
    look.held_elsewhere =
        pending.watch.goal == Goal::down && !look.before_lives && is_held(by, pending.profile);
    const auto elapsed = std::chrono::duration_cast<Elapsed>(now - pending.commanded);
    const Answer answer = step(pending.watch, look, elapsed);
    Result<void> acted;
    switch (answer.act) {
    case Act::done:
        say_how_it_ended(by, pending, *service);
        one.end = Result<void>{};
        return;
    case Act::failed:
        one.end = std::unexpected(error_of(answer.failure, pending, *service));
        return;
    case Act::kill:
        acted = kill(by, pending);
        break;
    case Act::command:
        acted = command_again(by, pending);
        break;
    case Act::wait:
        break;
    }
    if (!acted) {
        one.end = std::move(acted);
    }
    one.next_look = std::min(now + look_again, pending.commanded + answer.look_again);
}

void tell_progress(const OnProgress& listener, const std::vector<Watched>& all,
                   steady_clock::time_point now) {
    std::vector<Progress> progress;
    progress.reserve(all.size());
    for (const auto& one : all) {
        const auto& watch = one.pending->watch;
        const auto limit = watch.goal == Goal::down ? watch.limits.stop : watch.limits.start;
        progress.push_back({one.pending->profile,
                            std::chrono::floor<seconds>(now - one.pending->commanded),
                            std::chrono::ceil<seconds>(limit), one.end.has_value()});
    }
    listener(progress);
}

/// Until each of them has its end.
void watch_until_ended(const Operator& by, std::vector<Watched>& all, const Clock& clock,
                       const OnProgress& listener) {
    std::vector<ProfileName> profiles;
    profiles.reserve(all.size());
    for (const auto& one : all) {
        profiles.push_back(one.pending->profile);
    }
    const auto news = by.manager.news(profiles);
    std::vector<std::size_t> changed;
    while (true) {
        const auto now = clock();
        auto next = steady_clock::time_point::max();
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto& one = all[i];
            const bool heard_of = std::binary_search(changed.begin(), changed.end(), i);
            if (!one.end && (heard_of || one.next_look <= now)) {
                look_at(by, one, now, news->look_again());
            }
            next = one.end ? next : std::min(next, one.next_look);
        }
        if (listener) {
            tell_progress(listener, all, now);
            constexpr seconds repaint{1};
            next = next == steady_clock::time_point::max() ? next : std::min(next, now + repaint);
        }
        if (next == steady_clock::time_point::max()) {
            return;
        }
        // Rounded up, so that the moment has come when the wait is over.
        const auto left = std::chrono::ceil<milliseconds>(next - clock());
        changed = news->wait(std::max(left, milliseconds{0}));
    }
}

/// A marker whose target has left is nobody's.
void clear_own_marker(const Operator& by, const sys::Directory& directory, const Pending& pending) {
    const auto& target = pending.watch.outside ? pending.watch.outside : pending.watch.before;
    if (!target) {
        return;
    }
    const auto answer = store::probe_marker(directory, MarkerKind::planned_stop,
                                            store::marker_reader_of(*target, directory));
    if (answer && *answer && (*answer)->verdict != MarkerVerdict::names_other) {
        (void)store::clear_marker(by.effects, directory, MarkerKind::planned_stop);
    }
}

void look_at_intent_again(const Operator& by, const sys::Directory& directory, Pending& pending) {
    const auto looked = pending.intent
                            ? store::confirm_intent(by.effects, directory, *pending.intent)
                            : store::repair_intent(by.effects, directory);
    if (!looked) {
        pending.warnings.push_back(finding(FindingCode::intent_not_confirmed, pending.profile.str(),
                                           "the intent could not be looked at again",
                                           looked.error().message));
    }
}

/// What is left to do on the volume when the watch is over.
void settle(const Operator& by, Pending& pending, const OperationOptions& options,
            const Result<void>& end) {
    const auto directory = by.home.find(pending.profile);
    if (!directory || !*directory) {
        return;
    }
    look_at_intent_again(by, **directory, pending);
    if (end && options.patience == Patience::wait) {
        clear_own_marker(by, **directory, pending);
    }
}

} // namespace

std::vector<Result<void>> watch_all(const Operator& by, std::span<Result<Pending>> begun,
                                    const OperationOptions& options, const Clock& clock) {
    std::vector<Watched> watched;
    for (auto& one : begun) {
        if (one) {
            set_limits(*one, options, by.settings);
            watched.push_back({&*one, {}, {}});
        }
    }
    if (options.patience == Patience::wait) {
        watch_until_ended(by, watched, clock, options.on_progress);
    }
    std::vector<Result<void>> results;
    results.reserve(begun.size());
    auto next = watched.begin();
    for (auto& one : begun) {
        if (!one) {
            results.push_back(std::unexpected(one.error()));
            continue;
        }
        results.push_back(next->end.value_or(Result<void>{}));
        ++next;
        settle(by, *one, options, results.back());
    }
    return results;
}

Result<void> watch_one(const Operator& by, Result<Pending> begun, const OperationOptions& options) {
    return std::move(watch_all(by, std::span(&begun, 1), options).front());
}

Result<void> wait_for_goal(const Operator& by, Pending& pending, const OperationOptions& options) {
    set_limits(pending, options, by.settings);
    std::vector<Watched> one = {{&pending, {}, {}}};
    watch_until_ended(by, one, std::chrono::steady_clock::now, options.on_progress);
    return *one.front().end;
}

} // namespace gw::operate
