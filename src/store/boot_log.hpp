/// `<home>/logs/container-boot.log`: one line per profile and boot; and `boot-history.jsonl` beside
/// it: one JSON object per pass, of the same record.
#pragma once

#include "base/json_object.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <string>
#include <vector>

namespace gw::store {

/// Past this many bytes the log is rotated to `.1`; one generation is kept.
inline constexpr std::size_t boot_log_limit = std::size_t{256} * 1024;

/// The same for the history, which has more to say of each profile.
inline constexpr std::size_t boot_history_limit = std::size_t{4} << 20U;

/// Largest history that is read back, in bytes. A pass is one line of up to 1 KiB for each profile.
inline constexpr std::size_t boot_history_read_limit = std::size_t{64} << 20U;

/// Appends the record of one pass: a JSON object in one line, with its end.
Result<void> append_boot_history(sys::Effects& effects, const sys::Directory& home,
                                 const std::string& line);

/// The passes of both generations, oldest first; what is no JSON object is left out.
std::vector<Json> read_boot_history(const sys::Directory& home);

/// Appends lines, in one write, so that they stay together.
Result<void> append_boot_log(sys::Effects& effects, const sys::Directory& home,
                             const std::vector<std::string>& lines);

} // namespace gw::store
