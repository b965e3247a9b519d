/// A file replaced as a whole: a temporary file beside it, made ready, and one rename.
#pragma once

#include "base/error.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace gw::sys {

/// Hears what somebody should know although nothing has failed.
using Complain = std::function<void(std::string_view)>;

/// See Effects::replace_file.
Result<void> replace_file(const Directory& at, const std::string& name, std::string_view bytes,
                          Durability durability, const FileAttributes& attributes,
                          const Complain& complain);

/// Flushes a directory as well as the volume can; see Effects::sync_directory.
void flush_directory(const Directory& at, const Complain& complain);

/// Whether `make_temporary`, here or in an earlier version, makes names like this.
bool is_temporary_name(std::string_view name);

/// See Effects::remove_leftover.
Result<void> remove_leftover(const Directory& at, const std::string& name);

/// A temporary file for `name`, empty.
struct TemporaryFile {
    std::string name;
    UniqueFd fd; ///< not open: errno says why
};

/// Its name is random, because an earlier life of this program may have had the same pid in a pid
/// namespace of its own. It is locked as long as it is open, so that a leftover is told from a file
/// that is being written. `mode` is what is left where no mode can be set later.
TemporaryFile make_temporary(const Directory& at, const std::string& name, unsigned mode);

} // namespace gw::sys
