/// What kind of file system a directory lies on, where that decides what may be relied on.
#pragma once

#include "sys/directory.hpp"

#include <optional>
#include <string_view>

namespace gw::sys {

/// The name of a file system that several machines may have mounted ("nfs"); nullopt for one that
/// this machine has for itself, as far as statfs(2) tells (FUSE may be anything, and is not named).
std::optional<std::string_view> network_file_system(const Directory& directory);

} // namespace gw::sys
