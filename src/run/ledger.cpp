#include "run/ledger.hpp"

#include "base/json_fields.hpp"
#include "base/text.hpp"
#include "store/marker_file.hpp"
#include "store/park.hpp"
#include "store/state_file.hpp"
#include "sys/clock.hpp"
#include "sys/log.hpp"
#include "sys/memory_events.hpp"
#include "sys/processes.hpp"

#include <array>
#include <fmt/format.h>

namespace gw::run {

namespace {

std::optional<sys::FileInfo> state_info(const sys::Directory& profile) {
    auto info = profile.info(store::state_file_name);
    return info ? *info : std::nullopt;
}

bool same_file(const std::optional<sys::FileInfo>& a, const std::optional<sys::FileInfo>& b) {
    return a.has_value() == b.has_value() &&
           (!a || (a->identity == b->identity && a->changed_ns == b->changed_ns));
}

} // namespace

std::string_view to_string(LiveState state) {
    constexpr std::array<std::string_view, 4> names = {"starting", "running", "degraded",
                                                       "draining"};
    return names.at(static_cast<std::size_t>(state));
}

Ledger::Ledger(sys::Effects& effects, const sys::Directory& profile,
               const store::RunningPair& running, std::string_view kind)
    : effects_(effects), profile_(profile), running_(running), kind_(kind),
      state_before_(state_info(profile)) {}

void Ledger::warn(const char* what, const Result<void>& result) {
    if (!result) {
        complete_ = false;
        sys::log_warning(fmt::format("{}: {}", what, printable(result.error().message)));
    }
}

void Ledger::edit_state(const std::function<void(Json&)>& edit) {
    const auto dated = [&](Json& file) {
        edit(file);
        written_at_ = to_rfc3339(sys::now().wall);
        file["updated_at"] = written_at_;
    };
    auto edited = store::edit_state_file(effects_, profile_, dated);
    if (!edited &&
        store::read_json_file(profile_, store::state_file_name).answer == FileAnswer::corrupt) {
        warn("the corrupt state file stays", store::keep_corrupt_aside(effects_, profile_));
        edited = store::edit_state_file(effects_, profile_, dated);
    }
    warn("cannot record the gateway's state", edited);
}

void Ledger::name_processes(Json& file) const {
    store::name_process(file, running_.gateway);
    if (running_.front != running_.gateway) {
        file["front_pid"] = running_.front.pid.value;
    }
}

void Ledger::begin(const Argv& command, const ProcessIdentity& child, store::Arrival arrival) {
    command_ = command;
    running_.gateway = child;
    prior_ = judge_prior_life(store::read_traces(profile_));
    oom_kills_before_ = sys::oom_kills();
    warn("cannot record who holds the profile",
         store::write_run_record(effects_, profile_, running_, arrival, command));
    warn("cannot record the beginning of this life",
         store::record_begin(effects_, profile_, {running_, prior_, oom_kills_before_}));
    warn("cannot remove .clean_shutdown", store::consume_clean_shutdown(effects_, profile_));
    edit_state([&](Json& file) {
        keep_steady_state(file);
        // A child that is quicker than this line may have asked for a restart already.
        if (same_file(state_info(profile_), state_before_)) {
            file["restart_requested"] = false;
        }
        name_processes(file);
        if (!file.contains("kind")) {
            file["kind"] = kind_;
        }
        file["argv"] = command_;
        file["gateway_state"] = to_string(LiveState::starting);
        file["exit_reason"] = nullptr;
    });
}

bool Ledger::has_written_its_state() const {
    const auto file = store::read_json_file(profile_, store::state_file_name);
    const auto written = text_field(file.object, "updated_at");
    return file.answer == FileAnswer::ok && written != written_at_ &&
           pid_field(file.object, "pid") == running_.gateway.pid;
}

bool Ledger::names_this_front() const {
    const auto file = store::read_json_file(profile_, store::state_file_name);
    return running_.front == running_.gateway ||
           pid_field(file.object, "front_pid") == running_.front.pid;
}

bool Ledger::claims_for_itself() const {
    return profile_.has(store::other_lock_name) ||
           parse_gateway_command(sys::command_line(running_.gateway.pid));
}

void Ledger::ready() {
    if (!sys::is_alive(running_.gateway)) {
        return; // its end is heard of next, and the files may be another one's by now
    }
    if (!claims_for_itself()) {
        warn("cannot write gateway.pid",
             store::offer_pid_file(effects_, profile_, running_, command_));
    }
    if (!has_written_its_state()) {
        live(LiveState::running);
    } else if (!names_this_front()) {
        // It read the file before this process had named itself in it, and wrote it afterwards.
        edit_state([&](Json& file) { name_processes(file); });
    }
    warn("cannot forget the parking", store::end_parking(effects_, profile_));
}

void Ledger::live(LiveState state) {
    edit_state([&](Json& file) {
        name_processes(file);
        file["gateway_state"] = to_string(state);
        drop_steady_state(file);
    });
}

void Ledger::stop_progress(store::StopProgress progress) {
    warn("cannot write .clean_shutdown",
         store::write_clean_shutdown(effects_, profile_, progress, running_.gateway));
}

void Ledger::end(const Verdict& verdict, const ChildEnd& child, const std::string& detail) {
    const auto kills = sys::oom_kills();
    const bool counted = kills && oom_kills_before_ && *kills >= *oom_kills_before_;
    const auto during = counted ? std::optional(*kills - *oom_kills_before_) : std::nullopt;
    const std::string whole =
        during.value_or(0) > 0
            ? fmt::format("{}, the kernel killed {} time(s) for lack of memory", detail, *during)
            : detail;
    warn("cannot remove gateway.pid",
         store::remove_pid_file_of(effects_, profile_, running_.gateway));
    warn("cannot remove the record of who holds the profile",
         effects_.remove_file(profile_, store::run_record_name));
    // A gateway that records for itself still holds the profile; one that this process stood before
    // does not any more, whatever its files say.
    const bool stands_before = running_.front != running_.gateway;
    if (const auto next = store::find_other_holder(profile_);
        next && (stands_before || next->process != running_.gateway)) {
        // A gateway of another kind has taken the profile over: what lies there is its own by now.
        sys::log_info("the profile belongs to " + store::describe(*next) + " now");
        return;
    }
    edit_state([&](Json& file) {
        store::name_process(file, running_.gateway);
        file.erase("front_pid");
        file["gateway_state"] = to_string(verdict.state);
        drop_steady_state(file);
        file["exit_reason"] = whole;
        file["restart_requested"] = verdict.cause == EndCause::restart;
    });
    warn("cannot record the end of this life",
         store::record_end(effects_, profile_, {running_, verdict, child, whole, during}));
    if (taken_) {
        (void)take(taken_->kind); // which the child has not looked at
    }
}

std::optional<Marker> Ledger::take(MarkerKind kind) {
    // The child first: a stopper may have read its pid from the state file, and once it is dead the
    // rule would call its marker stale.
    for (const auto& process : {running_.gateway, running_.front}) {
        if (process.pid.value == 0) {
            continue;
        }
        auto taken = store::consume_marker(effects_, profile_, kind,
                                           store::marker_reader_of(process, profile_));
        if (!taken) {
            sys::log_error("the marker is unusable, so this end counts as not planned: " +
                           printable(taken.error().message));
        } else if (*taken) {
            return std::move(*taken);
        }
    }
    return std::nullopt;
}

Ledger::Note Ledger::take_marker() {
    for (const auto kind : {MarkerKind::takeover, MarkerKind::planned_stop}) {
        if (const auto marker = take(kind)) {
            const auto said = kind == MarkerKind::takeover       ? MarkerSaid::takeover
                              : marker->reason == restart_reason ? MarkerSaid::restart
                                                                 : MarkerSaid::stop;
            if (marker->target.pid == running_.front.pid) {
                taken_ = Taken{kind, *marker};
            }
            const std::string program = marker->program.empty() ? "(unknown)" : marker->program;
            return {said, fmt::format("{} (pid {}, uid {})", printable(program),
                                      marker->writer.value, marker->author.uid.value_or(-1))};
        }
    }
    return {};
}

void Ledger::hand_marker_on() {
    if (taken_) {
        taken_->marker.target = running_.gateway;
        warn("the gateway will not know that this end is planned",
             store::write_marker_again(effects_, profile_, taken_->kind, taken_->marker));
    }
}

bool Ledger::stop_is_marked() const {
    if (!profile_.has(std::string(file_name_of(MarkerKind::planned_stop)))) {
        return false;
    }
    const auto answer = store::probe_marker(profile_, MarkerKind::planned_stop,
                                            store::marker_reader_of(running_.front, profile_));
    return answer && *answer && (*answer)->verdict == MarkerVerdict::names_me;
}

bool Ledger::restart_requested() const {
    const auto file = store::read_json_file(profile_, store::state_file_name);
    return file.answer == FileAnswer::ok && is_true(file.object, "restart_requested") &&
           !same_file(file.info.identity.inode == 0 ? std::nullopt : std::optional(file.info),
                      state_before_);
}

} // namespace gw::run
