#include "store/lifecycle.hpp"

#include "base/json_fields.hpp"
#include "base/text.hpp"
#include "store/subdirectory.hpp"
#include "sys/clock.hpp"

#include <array>
#include <fmt/format.h>

namespace gw::store {

namespace {

constexpr const char* lifecycle_name = "gateway.lifecycle.json";

/// The last life's traces: its record, and what it noted of its stop.
struct Traces {
    JsonFile record;
    std::optional<std::string> note;
};

Traces read_traces(const sys::Directory& profile) {
    return {read_json_file(profile, lifecycle_file_name),
            judge_clean_shutdown(
                sys::read_file(profile, clean_shutdown_file_name, clean_shutdown_limit))};
}

bool is_running(const JsonFile& record) {
    return record.answer == FileAnswer::ok && text_field(record.object, "phase") == "running";
}

StopNote stop_note(const std::string& words) {
    const bool unfinished =
        words == to_string(StopProgress::draining) || words == to_string(StopProgress::timed_out);
    return {!unfinished, printable(words)};
}

PriorLife from_clean_shutdown(const std::optional<std::string>& progress) {
    if (!progress) {
        return {};
    }
    const auto note = stop_note(*progress);
    return note.finished ? PriorLife{PriorExit::clean, {}}
                         : PriorLife{PriorExit::unclean, "the stop came as far as " + note.words};
}

} // namespace

std::optional<std::string> judge_clean_shutdown(const sys::FileContent& content) {
    // What cannot be read proves nothing.
    return content.answer == sys::FileContent::Answer::ok
               ? std::optional(std::string(trimmed(content.bytes)))
               : std::nullopt;
}

std::optional<StopNote> read_stop_note(const sys::Directory& profile) {
    const auto words = judge_clean_shutdown(
        sys::read_file(profile, clean_shutdown_file_name, clean_shutdown_limit));
    return words ? std::optional(stop_note(*words)) : std::nullopt;
}

PriorLife judge_prior_life(const JsonFile& record, const std::optional<std::string>& note) {
    const auto phase = text_field(record.object, "phase");
    if (record.answer != FileAnswer::ok || phase.empty()) {
        return from_clean_shutdown(note);
    }
    if (phase == "running") {
        return {PriorExit::unclean, note ? "killed while " + printable(*note) : "killed"};
    }
    PriorLife life{PriorExit::unknown, text_field(record.object, "detail")};
    if (phase == "exited") {
        const auto clean = record.object.find("clean");
        const bool said_unclean = clean != record.object.end() && *clean == false;
        life.exit = said_unclean ? PriorExit::unclean : PriorExit::clean;
    }
    return life;
}

PriorLife read_prior_life(const sys::Directory& profile) {
    const auto traces = read_traces(profile);
    return judge_prior_life(traces.record, traces.note);
}

bool is_record_of(const sys::Directory& profile, const ProcessIdentity& process) {
    const auto record = read_json_file(profile, lifecycle_file_name);
    const auto ticks = number_field<std::uint64_t>(record.object, "start_time");
    return record.answer == FileAnswer::ok && is_running(record) &&
           pid_field(record.object, "pid") == process.pid &&
           text_field(record.object, "boot_id") == sys::now().boot_id &&
           ticks == (process.start_time ? std::optional(process.start_time->ticks) : std::nullopt);
}

Result<void> record_begin(sys::Effects& effects, const sys::Directory& profile,
                          const LifeBegin& begin) {
    const Moment now = sys::now();
    Json record = Json::object();
    record["phase"] = "running";
    record["pid"] = begin.process.pid.value;
    if (begin.process.start_time) {
        record["start_time"] = begin.process.start_time->ticks;
    }
    record["child_pid"] = begin.child.value;
    record["boot_id"] = now.boot_id;
    record["started_at"] = to_rfc3339(now.wall);
    record["prior_exit"] = to_string(begin.prior.exit);
    record["prior_detail"] = begin.prior.detail;
    if (begin.oom_kills) {
        record["oom_kills_before"] = *begin.oom_kills;
    }
    return write_state_record(effects, profile, lifecycle_name, record);
}

Result<void> record_end(sys::Effects& effects, const sys::Directory& profile, const LifeEnd& end) {
    auto file = read_json_file(profile, lifecycle_file_name);
    Json record = file.answer == FileAnswer::ok ? std::move(file.object) : Json::object();
    const bool killed = end.child.kind == ChildEnd::Kind::killed;
    const bool exited = end.child.kind == ChildEnd::Kind::exited;
    record["phase"] = "exited";
    record["cause"] = to_string(end.verdict.cause);
    record["exit_code"] = end.verdict.exit_code;
    record["child_exit_code"] = exited ? Json(end.child.value) : Json();
    record["child_signal"] = killed ? Json(end.child.value) : Json();
    record["clean"] = end.verdict.clean;
    record["detail"] = end.detail;
    record["oom_kills"] = end.oom_kills ? Json(*end.oom_kills) : Json();
    record["ended_at"] = to_rfc3339(sys::now().wall);
    return write_state_record(effects, profile, lifecycle_name, record);
}

namespace {

/// s6-supervise runs finish at once; a record older than this is another life's.
constexpr std::chrono::seconds record_is_fresh{30};

} // namespace

bool was_asked_to_end(const sys::Directory& profile, WallTime at) {
    const auto [record, note] = read_traces(profile);
    if (record.answer != FileAnswer::ok) {
        return from_clean_shutdown(note).exit == PriorExit::clean;
    }
    const auto ended_at = parse_rfc3339(text_field(record.object, "ended_at"));
    // What ended in the future did so while the clock was wrong, not just now.
    const bool just_now = ended_at && *ended_at <= at && at - *ended_at < record_is_fresh;
    if (is_running(record) || !just_now) {
        return false;
    }
    const auto cause = parse_end_cause(text_field(record.object, "cause"));
    return cause ? was_asked_for(*cause) : judge_prior_life(record, note).exit == PriorExit::clean;
}

Result<void> record_death(sys::Effects& effects, const sys::Directory& profile,
                          const Death& death) {
    auto [file, note] = read_traces(profile);
    if (!is_running(file)) {
        return {};
    }
    const auto before = judge_prior_life(file, note);
    file.object["phase"] = "exited";
    file.object["cause"] = to_string(EndCause::crashed);
    file.object["exit_code"] = death.signal ? Json() : Json(death.code);
    file.object["signal"] = death.signal ? Json(*death.signal) : Json();
    file.object["clean"] = false;
    file.object["detail"] = death.signal
                                ? fmt::format("{} by signal {}", before.detail, *death.signal)
                                : fmt::format("code {}", death.code);
    file.object["ended_at"] = to_rfc3339(death.at);
    return write_state_record(effects, profile, lifecycle_name, file.object);
}

std::string_view to_string(StopProgress progress) {
    constexpr std::array<std::string_view, 3> names = {"draining", "drained", "timed out"};
    return names.at(static_cast<std::size_t>(progress));
}

Result<void> write_clean_shutdown(sys::Effects& effects, const sys::Directory& profile,
                                  StopProgress progress) {
    return effects.replace_file(profile, clean_shutdown_file_name,
                                std::string(to_string(progress)) + "\n", sys::Durability::durable);
}

Result<void> consume_clean_shutdown(sys::Effects& effects, const sys::Directory& profile) {
    return effects.remove_file(profile, clean_shutdown_file_name);
}

} // namespace gw::store
