/// What this process was given: its environment and its own program file.
#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::sys {

/// A variable of the environment; a blank one counts as unset.
std::optional<std::string> environment(const std::string& name);

/// The names of all its variables.
std::vector<std::string> environment_names();

/// For this process, and what it starts and becomes.
void say_in_environment(const std::string& name, const std::string& value);

/// Adds the directories where an image may have s6's tools to the end of PATH, for this process and
/// what it becomes.
void complete_search_path();

/// Absolute path of this program: as PATH finds it when that is the same file (a symlink in PATH
/// survives an upgrade, its target does not), else /proc/self/exe. On macOS, which has no /proc,
/// _NSGetExecutablePath(3).
Result<std::string> own_program();

/// A program that was installed with this one: its path where it lies beside this one, else its
/// name, for PATH.
std::string program_beside(const std::string& name);

/// The path from the root, without `.`, `..`, doubled slashes and a slash at the end; symlinks
/// stay, unless there is a `..`, which is where the kernel says that it is; to root it is by its
/// words. Errc::not_found for a relative one when the working directory is gone.
Result<std::string> absolute_path(const std::string& path);

/// The path with every symlink resolved; the path itself when that is not possible.
std::string real_path(const std::string& path);

/// The name of this machine or container, as uname(1) tells it.
std::string host_name();

/// What tells the pid namespace of this process from every other one that lives on this machine at
/// the same time; empty where the system does not tell.
std::string pid_namespace();
/// Whether a pid that was written down in that namespace may mean something in this one: the same,
/// or one of the two is not known.
inline bool may_be_this_pid_namespace(std::string_view written) {
    const auto here = pid_namespace();
    return written.empty() || here.empty() || written == here;
}

} // namespace gw::sys
