/// `<profile>/gateway_state.json`: owned by the gateway, read here; this tool only keeps the mirror
/// of the intent in it.
#pragma once

#include "base/json_object.hpp"
#include "rules/gateway_state.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace gw::store {

inline constexpr const char* state_file_name = "gateway_state.json";

/// A JSON file of a profile, judged but not interpreted.
struct JsonFile {
    FileAnswer answer = FileAnswer::absent;
    std::string problem;
    Json object;
    sys::FileInfo info;
    /// No byte in it: what a power cut may leave of a file that was new and not flushed.
    bool empty = false;
};

/// What a file's bytes are worth; each of absent, unreadable, corrupt and ok is an answer. A file
/// that is too large is corrupt.
JsonFile judge_json(const sys::FileContent& content);

/// Reads any of the tool's JSON files.
JsonFile read_json_file(const sys::Directory& profile, const std::string& relative);

/// Reads, edits and atomically replaces the state file. Unknown keys and their order survive. A
/// gateway that rewrites the file meanwhile is noticed and the edit is done again on its version.
/// An absent file is created; an unreadable or corrupt one is an error and stays as it is. Of a
/// file that was copied from another profile the edit finds only what no life has left. The file
/// names the profile then.
Result<void> edit_state_file(sys::Effects& effects, const sys::Directory& profile,
                             const std::function<void(Json&)>& edit,
                             sys::Durability durability = sys::Durability::durable);

/// Says in a file which process it speaks of: `pid` and `start_time`; null for none.
void name_process(Json& file, const ProcessIdentity& process);

/// The `exit_reason` of the file that takes a corrupt one's place, by which readers tell it from
/// one that a gateway wrote.
inline constexpr std::string_view state_was_corrupt =
    "its state file was corrupt and was kept aside";

/// Renames a corrupt state file to `gateway_state.json.corrupt-<time of its last change>`.
Result<void> keep_corrupt_aside(sys::Effects& effects, const sys::Directory& profile);

/// The same, and leaves one that says that the gateway is stopped: to a tool that knows this file
/// alone, none at all would be a volume that was never used, and start what a container is for.
Result<void> replace_corrupt_state(sys::Effects& effects, const sys::Directory& profile);

/// Whether this is the name of such a file.
bool is_corrupt_aside(std::string_view name);

} // namespace gw::store
