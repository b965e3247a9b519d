#include "rules/marker.hpp"

#include "base/json_fields.hpp"
#include "rules/time_limits.hpp"

namespace gw {

std::string_view file_name_of(MarkerKind kind) {
    return kind == MarkerKind::planned_stop ? ".gateway-planned-stop.json"
                                            : ".gateway-takeover.json";
}

std::string_view to_string(MarkerKind kind) {
    return kind == MarkerKind::planned_stop ? "planned-stop" : "takeover";
}

std::optional<MarkerKind> parse_marker_kind(std::string_view text) {
    for (const auto kind : {MarkerKind::planned_stop, MarkerKind::takeover}) {
        if (text == to_string(kind)) {
            return kind;
        }
    }
    return std::nullopt;
}

namespace {
const char* writer_key(MarkerKind kind) {
    return kind == MarkerKind::planned_stop ? "stopper_pid" : "replacer_pid";
}
} // namespace

std::string marker_text(MarkerKind kind, const Marker& marker) {
    Json json = Json::object();
    json["target_pid"] = marker.target.pid.value;
    if (marker.target.start_time) {
        json["target_start_time"] = marker.target.start_time->ticks;
    }
    json[writer_key(kind)] = marker.writer.value;
    if (kind == MarkerKind::takeover) {
        json["replacer_hermes_home"] = marker.replacer_home;
    }
    json["written_at"] = to_rfc3339(marker.written_at);
    json["target_hermes_home"] = marker.target_home;
    json["boot_id"] = marker.boot_id;
    if (marker.written_since_boot) {
        json["written_boottime_ms"] = marker.written_since_boot->count();
    }
    add_author(json, "writer_", marker.author);
    json["program"] = marker.program;
    json["reason"] = marker.reason;
    if (!marker.note.empty()) {
        json["note"] = marker.note;
    }
    return to_json_line(json);
}

Result<Marker> parse_marker(MarkerKind kind, std::string_view bytes) {
    const auto json = parse_json_object(bytes);
    if (!json) {
        return std::unexpected(json.error());
    }
    const auto target = process_field(*json, "target_pid", "target_start_time");
    const auto written_at = parse_rfc3339(text_field(*json, "written_at"));
    if (!target || !written_at) {
        return fail(Errc::corrupt, !target ? "target_pid is missing or no pid"
                                           : "written_at is missing or no RFC 3339 time");
    }
    Marker marker;
    marker.target = *target;
    marker.writer = pid_field(*json, writer_key(kind)).value_or(Pid{});
    marker.written_at = *written_at;
    marker.target_home = text_field(*json, "target_hermes_home");
    marker.replacer_home = text_field(*json, "replacer_hermes_home");
    marker.boot_id = text_field(*json, "boot_id");
    if (const auto ms = number_field<std::int64_t>(*json, "written_boottime_ms")) {
        marker.written_since_boot = BootClock(*ms);
    }
    marker.author = author_field(*json, "writer_");
    marker.program = text_field(*json, "program");
    marker.reason = text_field(*json, "reason");
    marker.note = text_field(*json, "note");
    return marker;
}

namespace {

bool has_boot_clock(const Marker& marker, const Moment& now) {
    return !marker.boot_id.empty() && !now.boot_id.empty() && marker.written_since_boot;
}

bool expired(const Marker& marker, const Moment& now) {
    if (has_boot_clock(marker, now)) {
        // Neither comparison can overflow, whatever number the file holds.
        return marker.boot_id != now.boot_id || *marker.written_since_boot > now.since_boot ||
               *marker.written_since_boot < now.since_boot - marker_time_to_live;
    }
    return std::chrono::abs(now.wall - marker.written_at) > marker_time_to_live;
}

bool predates(const Marker& marker, const MarkerReader& reader) {
    if (!reader.started_since_boot) {
        return false;
    }
    // A start time is known to one clock tick (10 ms); do not call a marker older for less.
    constexpr BootClock slack{20};
    const BootClock started = *reader.started_since_boot - slack;
    if (has_boot_clock(marker, reader.now)) {
        return *marker.written_since_boot < started;
    }
    return marker.written_at < reader.now.wall - (reader.now.since_boot - started);
}

std::string_view without_trailing_slash(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) {
        path.remove_suffix(1);
    }
    return path;
}

/// A replacer that does not say whom it means means the gateway of its own home.
const std::string& home_of_target(const Marker& marker) {
    return marker.target_home.empty() ? marker.replacer_home : marker.target_home;
}

bool same_home(const Marker& marker, const MarkerReader& reader) {
    const auto& home = home_of_target(marker);
    return home.empty() || reader.home.empty() ||
           without_trailing_slash(home) == without_trailing_slash(reader.home);
}

} // namespace

MarkerVerdict judge(const Marker& marker, const MarkerReader& reader, bool target_lives) {
    if (expired(marker, reader.now)) {
        return MarkerVerdict::stale;
    }
    const bool start_times_known = marker.target.start_time && reader.self.start_time;
    const bool my_pid = marker.target.pid == reader.self.pid;
    if (my_pid && start_times_known && marker.target.start_time != reader.self.start_time) {
        return MarkerVerdict::stale; // for an earlier process with my pid
    }
    if (my_pid && !start_times_known && predates(marker, reader)) {
        return MarkerVerdict::stale;
    }
    if (my_pid && same_home(marker, reader)) {
        return MarkerVerdict::names_me;
    }
    return target_lives ? MarkerVerdict::names_other : MarkerVerdict::stale;
}

} // namespace gw
