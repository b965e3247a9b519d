/// Fields of a JSON object from the volume, each read with the type that it must have: what has
/// another type is as absent as what is not there.
#pragma once

#include "base/file_identity.hpp"
#include "base/json_object.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"

#include <optional>
#include <string>
#include <utility>

namespace gw {

/// Longest text that is kept of a field: the longest path of the kernel. What is longer is cut, so
/// that facts of ten thousand profiles are as small as they are in the field.
inline constexpr std::size_t longest_text = 4096;

/// Empty when it is absent or no text.
inline std::string text_field(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string()
               ? found->get_ref<const std::string&>().substr(0, longest_text)
               : std::string();
}

/// A word that should have been one of a few: what else stands there, as it is written, and short.
inline std::string word_of(const Json& value) {
    return shortened(value.is_string() ? value.get_ref<const std::string&>()
                                       : value.dump(-1, ' ', true));
}

/// nullopt when it is absent, no whole number, or does not fit into `Number`.
template <std::integral Number>
std::optional<Number> number_field(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) {
        return std::nullopt;
    }
    if (found->is_number_unsigned()) {
        const auto value = found->get<std::uint64_t>();
        return std::in_range<Number>(value) ? std::optional(static_cast<Number>(value))
                                            : std::nullopt;
    }
    const auto value = found->get<std::int64_t>();
    return std::in_range<Number>(value) ? std::optional(static_cast<Number>(value)) : std::nullopt;
}

/// nullopt when it is absent or names no process.
inline std::optional<Pid> pid_field(const Json& object, const char* key) {
    const auto number = number_field<std::int64_t>(object, key);
    return number ? to_pid(*number) : std::nullopt;
}

/// A pid, and a start time where that is one; nullopt without a pid.
inline std::optional<ProcessIdentity> process_field(const Json& object, const char* pid_key = "pid",
                                                    const char* start_key = "start_time") {
    const auto pid = pid_field(object, pid_key);
    if (!pid) {
        return std::nullopt;
    }
    const auto ticks = number_field<std::uint64_t>(object, start_key);
    return ProcessIdentity{*pid, ticks ? std::optional(StartTime{*ticks}) : std::nullopt};
}

/// nullopt when it is absent or no device and inode.
inline std::optional<FileIdentity> identity_field(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_object()) {
        return std::nullopt;
    }
    const auto device = number_field<std::uint64_t>(*found, "device");
    const auto inode = number_field<std::uint64_t>(*found, "inode");
    return device && inode ? std::optional(FileIdentity{*device, *inode}) : std::nullopt;
}

inline Json to_json(const FileIdentity& identity) {
    return {{"device", identity.device}, {"inode", identity.inode}};
}

/// Whether it is there and true.
inline bool is_true(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && *found == true;
}

} // namespace gw
