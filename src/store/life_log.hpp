/// What has become of a profile's gateway, life after life: `<profile>/state/gateway.lives.jsonl`,
/// one JSON object a line. For people who look back: nothing is decided by it, so a line that
/// cannot be written is no failure.
#pragma once

#include "base/moment.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::store {

enum class LifeEventKind {
    began,    ///< its process runs
    draining, ///< it finishes its work
    ended,    ///< as somebody had asked, or by itself and well
    crashed,  ///< it died, or was killed
    parked,   ///< it is not started again
};
std::string_view to_string(LifeEventKind kind);

struct LifeEvent {
    LifeEventKind kind = LifeEventKind::began;
    WallTime at{};
    std::int64_t pid = 0; ///< 0: not known
    std::string cause;    ///< of an end, as in the lifecycle record; may be empty
    std::string detail;   ///< for people; not printable yet
};

/// Past this many bytes the file is rotated to `.1`; one generation is kept. Some 500 lives.
inline constexpr std::size_t life_log_limit = std::size_t{64} * 1024;

void append_life_event(sys::Effects& effects, const sys::Directory& profile,
                       const LifeEvent& event);

/// Those of both generations, oldest first. Lines of another profile (the directory is a copy), and
/// those that cannot be understood, are left out.
std::vector<LifeEvent> read_life_log(const sys::Directory& profile);

} // namespace gw::store
