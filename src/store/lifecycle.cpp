#include "store/lifecycle.hpp"

#include "base/json_fields.hpp"
#include "base/signal_name.hpp"
#include "base/text.hpp"
#include "store/intent_store.hpp"
#include "store/life_log.hpp"
#include "store/subdirectory.hpp"
#include "sys/clock.hpp"

#include <array>
#include <csignal>
#include <fmt/format.h>

namespace gw::store {

namespace {

constexpr const char* lifecycle_name = "gateway.lifecycle.json";

void name_life(Json& record, const RunningPair& running) {
    name_process(record, running.gateway);
    record["front_pid"] = running.front.pid.value;
    record["boot_id"] = sys::now().boot_id;
}

} // namespace

LifeTraces judge_traces(const JsonFile& record, const sys::FileContent& note,
                        const JsonFile& state_file) {
    LifeTraces traces;
    if (record.answer == FileAnswer::ok) {
        traces.record = read_life_record(record.object);
    }
    // What cannot be read proves nothing.
    if (note.answer == sys::FileContent::Answer::ok) {
        const WallTime written{std::chrono::microseconds(note.info.changed_ns / 1000)};
        traces.note = parse_clean_note(note.bytes, written);
    }
    if (state_file.answer == FileAnswer::ok) {
        auto state = read_gateway_state(state_file.object);
        traces.last_writer = state.process;
        traces.gateway_state = std::move(state.gateway_state);
    }
    return traces;
}

LifeTraces traces_beside(const sys::Directory& profile, const JsonFile& record) {
    return judge_traces(record,
                        sys::read_file(profile, clean_shutdown_file_name, clean_shutdown_limit),
                        read_intent(profile).state);
}

LifeTraces read_traces(const sys::Directory& profile) {
    return traces_beside(profile, read_own_file(profile, lifecycle_file_name));
}

std::optional<StopNote> read_stop_note(const sys::Directory& profile) {
    const auto note = read_traces(profile).note;
    if (!note) {
        return std::nullopt;
    }
    const bool unfinished = note->progress == to_string(StopProgress::draining) ||
                            note->progress == to_string(StopProgress::timed_out);
    return StopNote{!unfinished, printable(note->progress)};
}

bool is_record_of(const sys::Directory& profile, const ProcessIdentity& process) {
    const auto file = read_json_file(profile, lifecycle_file_name);
    const auto record =
        file.answer == FileAnswer::ok ? read_life_record(file.object) : LifeRecord{};
    return record.phase == LifeRecord::Phase::running && record.life == life_of(process);
}

Result<void> record_begin(sys::Effects& effects, const sys::Directory& profile,
                          const LifeBegin& begin) {
    Json record = Json::object();
    record["phase"] = "running";
    name_life(record, begin.running);
    record["started_at"] = to_rfc3339(sys::now().wall);
    record["prior_exit"] = to_string(begin.prior.exit);
    record["prior_detail"] = begin.prior.detail;
    if (begin.oom_kills) {
        record["oom_kills_before"] = *begin.oom_kills;
    }
    auto written = write_state_record(effects, profile, lifecycle_name, record);
    append_life_event(
        effects, profile,
        {LifeEventKind::began, sys::now().wall, begin.running.front.pid.value, {}, {}});
    return written;
}

Result<void> record_end(sys::Effects& effects, const sys::Directory& profile, const LifeEnd& end) {
    auto file = read_json_file(profile, lifecycle_file_name);
    Json record = file.answer == FileAnswer::ok ? std::move(file.object) : Json::object();
    const bool killed = end.child.kind == ChildEnd::Kind::killed;
    const bool exited = end.child.kind == ChildEnd::Kind::exited;
    record["phase"] = "exited";
    name_life(record, end.running);
    record["cause"] = to_string(end.verdict.cause);
    record["exit_code"] = end.verdict.exit_code;
    record["child_exit_code"] = exited ? Json(end.child.value) : Json();
    record["child_signal"] = killed ? Json(end.child.value) : Json();
    record["clean"] = end.verdict.clean;
    record["detail"] = end.detail;
    record["oom_kills"] = end.oom_kills ? Json(*end.oom_kills) : Json();
    record["ended_at"] = to_rfc3339(sys::now().wall);
    record.erase("heard");
    auto written = write_state_record(effects, profile, lifecycle_name, record);
    const bool died = end.verdict.cause == EndCause::crashed ||
                      end.verdict.cause == EndCause::failed_to_start ||
                      end.verdict.cause == EndCause::bad_config;
    append_life_event(effects, profile,
                      {died ? LifeEventKind::crashed : LifeEventKind::ended, sys::now().wall,
                       end.running.front.pid.value, std::string(to_string(end.verdict.cause)),
                       end.detail});
    return written;
}

namespace {

/// What the supervisor tells of an end that has left no record of its own.
void complete(Json& record, const LifeTraces& traces, const Death& death) {
    const bool killed = death.signal == SIGKILL;
    const bool asked = death.by == EndedBy::command || death.by == EndedBy::request;
    const auto before = traces.record.phase == LifeRecord::Phase::running
                            ? judge_prior_life(traces).detail
                            : std::string("ended");
    record["phase"] = "exited";
    if (asked) {
        record.erase("cause");
    } else {
        record["cause"] = to_string(EndCause::crashed);
    }
    record["exit_code"] = death.signal ? Json() : Json(death.code);
    record["signal"] = death.signal ? Json(*death.signal) : Json();
    record["clean"] = asked && !killed;
    record["detail"] = death.signal ? fmt::format("{} by {}", before, signal_name(*death.signal))
                                    : fmt::format("code {}", death.code);
    record["ended_at"] = to_rfc3339(death.at);
}

} // namespace

Result<void> record_told_end(sys::Effects& effects, const sys::Directory& profile,
                             const Death& death) {
    auto file = read_own_file(profile, lifecycle_file_name);
    if (file.answer == FileAnswer::unreadable) {
        return {};
    }
    const auto traces = read_traces(profile);
    Json record = Json::object();
    auto durability = sys::Durability::volatile_;
    const bool left_traces = are_of(traces, {death.code, death.signal, death.at});
    if (traces.record.phase == LifeRecord::Phase::running) {
        record = std::move(file.object);
        complete(record, traces, death);
        durability = sys::Durability::durable;
    } else if (left_traces && traces.record.phase == LifeRecord::Phase::exited) {
        record = std::move(file.object);
    } else {
        if (left_traces) {
            name_process(record, traces.note->life->process);
        }
        complete(record, traces, death);
    }
    const bool news = !(left_traces && traces.record.phase == LifeRecord::Phase::exited);
    record["heard"] = true;
    auto written = write_state_record(effects, profile, lifecycle_name, record, durability);
    if (news) {
        const bool asked = death.by == EndedBy::command || death.by == EndedBy::request;
        const bool well = !death.signal && death.code == 0;
        append_life_event(effects, profile,
                          {asked || well ? LifeEventKind::ended : LifeEventKind::crashed, death.at,
                           0, text_field(record, "cause"), text_field(record, "detail")});
    }
    return written;
}

std::string_view to_string(StopProgress progress) {
    constexpr std::array<std::string_view, 3> names = {"draining", "drained", "timed out"};
    return names.at(static_cast<std::size_t>(progress));
}

LifeName life_of(const ProcessIdentity& process) {
    return {process, sys::now().boot_id};
}

Result<void> write_clean_shutdown(sys::Effects& effects, const sys::Directory& profile,
                                  StopProgress progress, const ProcessIdentity& gateway) {
    auto written = effects.replace_file(profile, clean_shutdown_file_name,
                                        clean_note_text(to_string(progress), life_of(gateway)),
                                        sys::Durability::durable);
    if (progress == StopProgress::draining) {
        append_life_event(effects, profile,
                          {LifeEventKind::draining, sys::now().wall, gateway.pid.value, {}, {}});
    }
    return written;
}

Result<void> consume_clean_shutdown(sys::Effects& effects, const sys::Directory& profile) {
    return effects.remove_file(profile, clean_shutdown_file_name);
}

} // namespace gw::store
