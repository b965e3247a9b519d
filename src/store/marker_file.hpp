/// Markers on the volume.
#pragma once

#include "rules/marker.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <optional>
#include <string>

namespace gw::store {

/// Who asks for the stop and why.
struct MarkerRequest {
    ProcessIdentity target;
    std::string program;
    std::string reason;
    std::string replacer_home{}; ///< takeover only
    std::string note{};          ///< what was typed behind --reason
};

/// Writes the marker into the target profile's directory, durable, readable by the owner of that
/// directory whoever writes it (field report #105608).
Result<void> write_marker(sys::Effects& effects, const sys::Directory& profile, MarkerKind kind,
                          const MarkerRequest& request);

/// Writes a marker that was read, as it is, for whoever it names now. It need not survive a power
/// cut: its target does not.
Result<void> write_marker_again(sys::Effects& effects, const sys::Directory& profile,
                                MarkerKind kind, const Marker& marker);

/// A marker is a few hundred bytes; what is larger is none.
inline constexpr std::size_t marker_limit = std::size_t{64} * 1024;

/// A file under the name of a marker.
struct MarkerFile {
    std::optional<Marker> marker; ///< nullopt: it is malformed
};

/// What the bytes are worth. nullopt: there is no file; one that cannot be read is an error, which
/// names `path`.
Result<std::optional<MarkerFile>> judge_marker_file(MarkerKind kind, const std::string& path,
                                                    const sys::FileContent& content);

/// A marker as found, and what the rule says of it.
struct MarkerAnswer {
    Marker marker; ///< meaningless when malformed
    MarkerVerdict verdict = MarkerVerdict::stale;
    bool malformed = false;
};

/// What the rule says of it to this reader, with the target looked up now.
MarkerAnswer answer_of(const MarkerFile& file, const MarkerReader& reader);

/// Looks without removing. nullopt: there is none. A marker that cannot be read is an error, not
/// "absent" (field report #105608).
Result<std::optional<MarkerAnswer>> probe_marker(const sys::Directory& profile, MarkerKind kind,
                                                 const MarkerReader& reader);

/// Takes a marker that names the reader (answer: the marker), removes one that can match nobody any
/// more, leaves one that names another live process.
Result<std::optional<Marker>> consume_marker(sys::Effects& effects, const sys::Directory& profile,
                                             MarkerKind kind, const MarkerReader& reader);

/// Removes the marker, whomever it names; success when there is none.
Result<void> clear_marker(sys::Effects& effects, const sys::Directory& profile, MarkerKind kind);

/// The reader for a process that may be dead: who it was, and the clocks now. When it started is
/// not known.
MarkerReader marker_reader_of(const ProcessIdentity& process, const sys::Directory& profile);

/// The reader for a live process: its identity and start, and the clocks now. Errc::not_found when
/// the process is dead.
Result<MarkerReader> marker_reader(Pid pid, const sys::Directory& profile);

} // namespace gw::store
