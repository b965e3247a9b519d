/// The line of /proc/<pid>/stat (proc(5)), also where it is a copy.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace gw::sys {

/// What comes behind the command name, which may hold blanks and parentheses: index 0 is field 3.
std::vector<std::string_view> fields_after_name(std::string_view stat);

/// Indices of them.
inline constexpr std::size_t stat_parent_field = 1;
inline constexpr std::size_t stat_start_field = 19;

} // namespace gw::sys
