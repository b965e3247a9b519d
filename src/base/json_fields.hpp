/// Fields of a JSON object from the volume, each read with the type that it must have: what has
/// another type is as absent as what is not there.
#pragma once

#include "base/file_identity.hpp"
#include "base/json_object.hpp"
#include "base/numbers.hpp"

#include <optional>
#include <string>
#include <utility>

namespace gw {

/// Empty when it is absent or no text.
inline std::string text_field(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
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
