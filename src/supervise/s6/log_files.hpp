/// The files of one gateway's s6-log: what it has rotated or a kill has left unfinished, and
/// `current`.
#pragma once

#include "base/argv.hpp"
#include "supervise/manager.hpp"
#include "sys/directory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::supervise {

/// Those of a logger's directory, oldest first. s6-log(8): `@LABEL.s` is rotated, `@LABEL.u` was
/// left by a logger that had no time to finish it, and the label (TAI64N) sorts by time; `previous`
/// is one that is being rotated; `current` comes last.
std::vector<std::string> log_files(std::vector<std::string> names);

/// The command that shows the last lines of all of them as one text. nullopt when there is none.
std::optional<Argv> log_argv(const sys::Directory& logs, const ServiceManager::LogRequest& request);

} // namespace gw::supervise
