#include "rules/last_life.hpp"

#include "base/json_fields.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>

namespace gw {

namespace {

constexpr std::string_view draining = "draining";
constexpr std::string_view drained = "drained";

bool differ(const auto& one, const auto& other) {
    return one && other && *one != *other;
}

std::optional<std::string> known(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

LifeRecord::Phase phase_of(std::string_view word) {
    using enum LifeRecord::Phase;
    return word.empty() ? none : word == "running" ? running : word == "exited" ? exited : unknown;
}

std::optional<WallTime> time_field(const Json& file, const char* key) {
    return parse_rfc3339(text_field(file, key));
}

} // namespace

bool is_same_life(const LifeName& one, const LifeName& other) {
    return one.process.pid == other.process.pid &&
           !differ(one.process.start_time, other.process.start_time) &&
           !differ(known(one.boot_id), known(other.boot_id));
}

LifeRecord read_life_record(const Json& file) {
    LifeRecord record;
    record.phase = phase_of(text_field(file, "phase"));
    if (const auto process = process_field(file)) {
        record.life = LifeName{*process, text_field(file, "boot_id")};
    }
    record.ended_at = time_field(file, "ended_at");
    if (!record.ended_at) {
        record.ended_at = time_field(file, "exited_at");
    }
    record.exit_code = number_field<int>(file, "exit_code");
    record.cause = parse_end_cause(text_field(file, "cause"));
    if (const auto clean = file.find("clean"); clean != file.end() && clean->is_boolean()) {
        record.clean = clean->get<bool>();
    }
    record.detail = text_field(file, "detail");
    record.heard = is_true(file, "heard");
    return record;
}

namespace {

/// The value behind `key=` in a line of such pairs.
std::string value_of(std::span<const std::string_view> words, std::string_view key) {
    for (const auto word : words) {
        if (word.starts_with(key) && word.substr(key.size()).starts_with('=')) {
            return std::string(word.substr(key.size() + 1));
        }
    }
    return {};
}

} // namespace

CleanNote parse_clean_note(std::string_view bytes, WallTime written) {
    const auto end_of_line = std::min(bytes.find('\n'), bytes.size());
    CleanNote note{std::string(trimmed(bytes.substr(0, end_of_line))), {}, written};
    const auto words = words_of(bytes.substr(end_of_line));
    if (const auto pid = parse_pid(value_of(words, "pid"))) {
        const auto ticks = parse_number<std::uint64_t>(value_of(words, "start_time"));
        note.life = LifeName{{*pid, ticks ? std::optional(StartTime{*ticks}) : std::nullopt},
                             value_of(words, "boot_id")};
    }
    return note;
}

std::string clean_note_text(std::string_view progress, const LifeName& life) {
    auto text = fmt::format("{}\npid={}", progress, life.process.pid.value);
    if (life.process.start_time) {
        text += fmt::format(" start_time={}", life.process.start_time->ticks);
    }
    if (!life.boot_id.empty()) {
        text += " boot_id=" + life.boot_id;
    }
    return text + "\n";
}

namespace {

/// Whether the note is of the life that has written the state file last.
bool is_of_last_writer(const LifeTraces& traces) {
    return traces.note && traces.note->life && traces.last_writer &&
           is_same_life(*traces.note->life, {*traces.last_writer, {}});
}

/// Whether the note is of the life that, by its record, goes on.
bool is_of_running_life(const LifeTraces& traces) {
    const auto& [record, note, writer, state] = traces;
    return record.phase == LifeRecord::Phase::running && note && note->life && record.life &&
           is_same_life(*note->life, *record.life);
}

PriorLife judge_without_record(const LifeTraces& traces) {
    if (!is_of_last_writer(traces)) {
        return {};
    }
    return traces.note->progress == drained
               ? PriorLife{PriorExit::clean, {}}
               : PriorLife{PriorExit::unclean,
                           "the stop came as far as " + printable(traces.note->progress)};
}

} // namespace

std::optional<WallTime> drains_since(const LifeTraces& traces) {
    const bool drains = traces.note && traces.note->progress == draining;
    return drains && (is_of_running_life(traces) || is_of_last_writer(traces))
               ? std::optional(traces.note->written)
               : std::nullopt;
}

PriorLife judge_prior_life(const LifeTraces& traces) {
    const auto& record = traces.record;
    switch (record.phase) {
    case LifeRecord::Phase::running:
        return {PriorExit::unclean, is_of_running_life(traces)
                                        ? "killed while " + printable(traces.note->progress)
                                        : "killed"};
    case LifeRecord::Phase::exited:
        return {record.clean == false ? PriorExit::unclean : PriorExit::clean, record.detail};
    case LifeRecord::Phase::unknown:
        return {PriorExit::unknown, record.detail};
    case LifeRecord::Phase::none:
        break;
    }
    return judge_without_record(traces);
}

namespace {

/// What ended in the future did so while the clock was wrong, not just now.
bool was_just_now(WallTime then, WallTime now) {
    return then <= now && now - then < just_now;
}

} // namespace

bool are_of(const LifeTraces& traces, const ToldEnd& end) {
    const auto& record = traces.record;
    switch (record.phase) {
    case LifeRecord::Phase::exited:
        return !record.heard && record.ended_at && was_just_now(*record.ended_at, end.at) &&
               !end.signal && record.exit_code == end.code;
    case LifeRecord::Phase::none:
        return is_of_last_writer(traces) && traces.note->progress == drained &&
               was_just_now(traces.note->written, end.at);
    case LifeRecord::Phase::running:
    case LifeRecord::Phase::unknown:
        break;
    }
    return false;
}

bool was_asked_to_end(const LifeTraces& traces, const ToldEnd& end) {
    if (!are_of(traces, end)) {
        return false;
    }
    return traces.record.cause
               ? was_asked_for(*traces.record.cause)
               : traces.record.clean.value_or(true) && traces.gateway_state != "startup_failed";
}

namespace {

bool ended_well(const LifeRecord& record) {
    const bool good_code = record.exit_code == 0 || record.exit_code == restart_exit_code;
    return record.phase == LifeRecord::Phase::exited && record.clean.value_or(good_code);
}

} // namespace

std::optional<std::string> what_ended_parking(const AfterParking& after) {
    const auto is_newer = [&](const std::optional<WallTime>& time) {
        return time && *time > after.since;
    };
    if (is_newer(after.foreign_intent)) {
        return "another tool has set the intent since";
    }
    if (ended_well(after.record) && is_newer(after.record.ended_at)) {
        return "a life since then has ended well";
    }
    const auto& state = after.gateway_state;
    if (state && state != "starting" && state != "startup_failed" &&
        is_newer(after.state_written)) {
        return "a life since then was " + shortened(*state);
    }
    return std::nullopt;
}

} // namespace gw
