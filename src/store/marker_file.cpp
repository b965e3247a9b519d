#include "store/marker_file.hpp"

#include "sys/caller.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"

#include <unistd.h>

namespace gw::store {

namespace {

std::string name_of(MarkerKind kind) {
    return std::string(file_name_of(kind));
}

} // namespace

Result<void> write_marker(sys::Effects& effects, const sys::Directory& profile, MarkerKind kind,
                          const MarkerRequest& request) {
    const Moment now = sys::now();
    Marker marker;
    marker.target = request.target;
    marker.writer = Pid{::getpid()};
    marker.written_at = now.wall;
    marker.target_home = profile.path();
    marker.replacer_home = request.replacer_home;
    marker.boot_id = now.boot_id;
    marker.written_since_boot = now.since_boot;
    marker.author = sys::author();
    marker.program = request.program;
    marker.reason = request.reason;
    marker.note = request.note;
    auto written = effects.replace_file(profile, name_of(kind), marker_text(kind, marker),
                                        sys::Durability::durable, {.mode = 0644});
    if (!written) {
        return std::unexpected(std::move(written.error()).within("cannot write the marker"));
    }
    return {};
}

Result<void> write_marker_again(sys::Effects& effects, const sys::Directory& profile,
                                MarkerKind kind, const Marker& marker) {
    return effects.replace_file(profile, name_of(kind), marker_text(kind, marker),
                                sys::Durability::volatile_, {.mode = 0644});
}

Result<std::optional<MarkerFile>> judge_marker_file(MarkerKind kind, const std::string& path,
                                                    const sys::FileContent& content) {
    switch (content.answer) {
    case sys::FileContent::Answer::absent:
        return std::nullopt;
    case sys::FileContent::Answer::unreadable:
        return fail(Errc::io, "cannot read the marker " + path + ": " + content.problem,
                    "ls -l " + path);
    case sys::FileContent::Answer::too_large:
        return MarkerFile{};
    case sys::FileContent::Answer::ok:
        break;
    }
    auto marker = parse_marker(kind, content.bytes);
    return marker ? MarkerFile{std::move(*marker)} : MarkerFile{};
}

MarkerAnswer answer_of(const MarkerFile& file, const MarkerReader& reader) {
    if (!file.marker) {
        return {{}, MarkerVerdict::stale, true};
    }
    auto marker = *file.marker;
    // Under another path: a symlink, another mount.
    for (auto* home : {&marker.target_home, &marker.replacer_home}) {
        if (sys::is_same_directory(*home, reader.home)) {
            *home = reader.home;
        }
    }
    const auto verdict = judge(marker, reader, sys::is_alive(marker.target));
    return {std::move(marker), verdict, false};
}

Result<std::optional<MarkerAnswer>> probe_marker(const sys::Directory& profile, MarkerKind kind,
                                                 const MarkerReader& reader) {
    const auto file = judge_marker_file(kind, profile.path_of(name_of(kind)),
                                        sys::read_file(profile, name_of(kind), marker_limit));
    if (!file) {
        return std::unexpected(file.error());
    }
    return *file ? std::optional(answer_of(**file, reader)) : std::nullopt;
}

Result<std::optional<Marker>> consume_marker(sys::Effects& effects, const sys::Directory& profile,
                                             MarkerKind kind, const MarkerReader& reader) {
    const auto answer = probe_marker(profile, kind, reader);
    if (!answer) {
        return std::unexpected(answer.error());
    }
    if (!*answer || (*answer)->verdict == MarkerVerdict::names_other) {
        return std::nullopt;
    }
    if (auto removed = clear_marker(effects, profile, kind); !removed) {
        return std::unexpected(removed.error());
    }
    if ((*answer)->verdict == MarkerVerdict::names_me) {
        return (*answer)->marker;
    }
    return std::nullopt;
}

Result<void> clear_marker(sys::Effects& effects, const sys::Directory& profile, MarkerKind kind) {
    return effects.remove_file(profile, name_of(kind));
}

MarkerReader marker_reader_of(const ProcessIdentity& process, const sys::Directory& profile) {
    return {process, profile.path(), sys::now(), std::nullopt};
}

Result<MarkerReader> marker_reader(Pid pid, const sys::Directory& profile) {
    const auto identity = sys::identity_of(pid);
    if (!identity) {
        return fail(Errc::not_found, "there is no live process " + std::to_string(pid.value));
    }
    auto reader = marker_reader_of(*identity, profile);
    if (identity->start_time) {
        reader.started_since_boot = sys::started_since_boot(*identity->start_time);
    }
    return reader;
}

} // namespace gw::store
