#include "store/marker_file.hpp"

#include "sys/clock.hpp"
#include "sys/processes.hpp"

#include <unistd.h>

namespace gw::store {

namespace {

/// A marker is a few hundred bytes.
constexpr std::size_t marker_limit = std::size_t{64} * 1024;

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
    marker.writer_uid = ::getuid();
    marker.program = request.program;
    marker.reason = request.reason;
    auto written = effects.replace_file(profile, name_of(kind), marker_text(kind, marker),
                                        sys::Durability::durable, {.mode = 0644});
    if (!written) {
        return std::unexpected(std::move(written.error()).within("cannot write the marker"));
    }
    return {};
}

Result<std::optional<MarkerAnswer>> probe_marker(const sys::Directory& profile, MarkerKind kind,
                                                 const MarkerReader& reader) {
    const auto content = sys::read_file(profile, name_of(kind), marker_limit);
    switch (content.answer) {
    case sys::FileContent::Answer::absent:
        return std::nullopt;
    case sys::FileContent::Answer::unreadable:
        return fail(Errc::io,
                    "cannot read the marker " + profile.path_of(name_of(kind)) + ": " +
                        content.problem,
                    "ls -l " + profile.path_of(name_of(kind)));
    case sys::FileContent::Answer::too_large:
        return MarkerAnswer{{}, MarkerVerdict::stale, true};
    case sys::FileContent::Answer::ok:
        break;
    }
    const auto marker = parse_marker(kind, content.bytes);
    if (!marker) {
        return MarkerAnswer{{}, MarkerVerdict::stale, true};
    }
    return MarkerAnswer{*marker, judge(*marker, reader, sys::is_alive(marker->target)), false};
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

Result<MarkerReader> marker_reader(Pid pid, const sys::Directory& profile) {
    const auto identity = sys::identity_of(pid);
    if (!identity) {
        return fail(Errc::not_found, "there is no live process " + std::to_string(pid.value));
    }
    MarkerReader reader{*identity, profile.path(), sys::now(), std::nullopt};
    if (identity->start_time) {
        const auto ticks = static_cast<BootClock::rep>(identity->start_time->ticks);
        constexpr BootClock::rep ms_per_second = 1000;
        reader.started_since_boot = BootClock(ticks * ms_per_second / sys::ticks_per_second());
    }
    return reader;
}

} // namespace gw::store
