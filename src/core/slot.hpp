/// The text and shape of one s6 service slot, rendered from `s6-templates/`. Pure.
#pragma once

#include "core/profile_name.hpp"
#include "core/time_limits.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gw {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// The account a gateway runs as. Numbers, not names: a remapped uid (99:100 …) needs no entry in
/// the image's passwd file.
struct Account {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::vector<std::uint32_t> groups; ///< supplementary
    std::string home;                  ///< HOME of the gateway
};

/// Everything a slot is made from.
struct SlotSpec {
    ProfileName profile = ProfileName::root();
    std::string home;        ///< HERMES_HOME, absolute
    std::string profile_dir; ///< absolute
    Account account;
    std::vector<std::string> command; ///< argv of the gateway
    Environment environment;          ///< the profile's own; beats the container's
    std::optional<std::uint16_t> port;
    std::optional<int> notification_fd; ///< s6 readiness; nullopt: the gateway does not tell
    seconds drain_timeout = default_drain_timeout;
    bool starts = false; ///< no `down` file
};

struct SlotFile {
    std::string path; ///< relative to the slot
    unsigned mode = 0644;
    std::string content;
    friend bool operator==(const SlotFile&, const SlotFile&) = default;
};

/// The rendered files, `down` included when the slot must not start.
std::vector<SlotFile> render_slot(const SlotSpec& spec);

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

/// The home a rendered `run` belongs to, from its first lines; nullopt when it is not one of ours.
std::optional<std::string> home_of_run(std::string_view run);

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
