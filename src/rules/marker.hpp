/// The planned-stop and takeover markers: the durable note that a stop was asked for, and the one
/// rule by which a gateway knows that it was meant.
#pragma once

#include "base/error.hpp"
#include "base/moment.hpp"
#include "base/process.hpp"
#include "rules/author.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

enum class MarkerKind {
    planned_stop, ///< an operator asked for it
    takeover,     ///< a new instance of the same profile replaces a live one
};

/// File name in the target profile's home.
std::string_view file_name_of(MarkerKind kind);
/// `planned-stop` or `takeover`, as on the command line.
std::string_view to_string(MarkerKind kind);
std::optional<MarkerKind> parse_marker_kind(std::string_view text);

/// One marker. Gateways in the field read target_pid, target_start_time, stopper_pid (replacer_pid)
/// and written_at; the rest is this tool's, and absent in markers of others.
struct Marker {
    ProcessIdentity target;
    Pid writer; ///< stopper or replacer
    WallTime written_at{};
    std::string target_home;
    std::string replacer_home; ///< takeover only
    std::string boot_id;
    std::optional<BootClock> written_since_boot;
    Author author;
    std::string program; ///< who asked: "gatewayctl stop"
    std::string reason;  ///< "stop", "restart", …
    std::string note;    ///< what was typed behind --reason
};

/// The reason that makes a planned stop a restart: the gateway exits 75 instead of 0.
inline constexpr std::string_view restart_reason = "restart";

std::string marker_text(MarkerKind kind, const Marker& marker);
/// Errc::corrupt when it is no marker.
Result<Marker> parse_marker(MarkerKind kind, std::string_view bytes);

/// Who looks at a marker, and when.
struct MarkerReader {
    ProcessIdentity self;
    std::string home; ///< the reader's own profile directory
    Moment now;
    /// When the reader started, on the boot-time clock; nullopt where it is not known.
    std::optional<BootClock> started_since_boot;
};

enum class MarkerVerdict {
    names_me,
    names_other, ///< another live process: its marker is left alone
    stale,       ///< can match nobody any more: expired, of another boot, its target dead
};

/// The rule, used by probe and consume alike. `target_lives`: the process that the marker names is
/// alive now (same pid and, where known, same start time).
///
/// - It names me when pid, start time (where both are known) and home (where present) are mine. A
///   takeover that names no home of its target means the home of the replacer.
/// - Age is measured on the boot-time clock where the marker carries boot id and clock, so a step
/// of
///   the wall clock changes nothing; else by `written_at`, at most 60 s in either direction.
/// - Where no start time proves who was meant, a marker older than my own start was for an earlier
///   process with my pid.
MarkerVerdict judge(const Marker& marker, const MarkerReader& reader, bool target_lives);

} // namespace gw
