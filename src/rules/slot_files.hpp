/// The files of a slot as data, and how those on disk differ from the rendered ones. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace gw {

struct SlotFile {
    std::string path; ///< relative to the slot
    unsigned mode = 0644;
    std::string content;
    friend bool operator==(const SlotFile&, const SlotFile&) = default;
};

/// Largest file of a slot, in bytes: a larger one is not written, because it would not be read back
/// and be somebody else's for good. It holds what the settings of a service may hold.
inline constexpr std::size_t slot_file_limit = std::size_t{2} << 20U;

/// Files that may be in a slot but not always: removed when they are not rendered.
const std::vector<std::string>& optional_slot_files();

/// `supervise/` and `event/` are made beforehand and owned by the gateway's user, so that this user
/// can query and control the slot (s6-svc(1) and s6-mkfifodir(1); field reports s6-overlay #130).
namespace skeleton {
inline constexpr unsigned supervise_mode = 0755;
inline constexpr unsigned event_mode = 03730;
inline constexpr unsigned control_mode = 0660;
/// The service and its logger: prefixes of the two supervised directories in a slot.
inline constexpr const char* parts[] = {"", "log/"}; // NOLINT(modernize-avoid-c-arrays)
} // namespace skeleton

/// How the slot on disk differs from the rendered one.
struct SlotDifference {
    std::vector<std::string> changed; ///< paths to be written, relative to the slot
    std::vector<std::string> extra;   ///< paths to be removed
    [[nodiscard]] bool empty() const { return changed.empty() && extra.empty(); }
};

/// Content of a slot's files by relative path; absent files are not in the map.
using SlotContent = std::map<std::string, std::string, std::less<>>;

SlotDifference compare_slot(const std::vector<SlotFile>& rendered, const SlotContent& on_disk);

} // namespace gw
