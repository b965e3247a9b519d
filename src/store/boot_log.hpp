/// `<home>/logs/container-boot.log`: one line per profile and boot.
#pragma once

#include "sys/effects.hpp"

#include <string>
#include <vector>

namespace gw::store {

/// Past this many bytes the log is rotated to `.1`; one generation is kept.
inline constexpr std::size_t boot_log_limit = std::size_t{256} * 1024;

/// Appends lines, in one write, so that they stay together.
Result<void> append_boot_log(sys::Effects& effects, const sys::Directory& home,
                             const std::vector<std::string>& lines);

} // namespace gw::store
