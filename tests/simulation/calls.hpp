/// What the parts of the simulated kernel tell each other.
#pragma once

#include "world.hpp"

namespace gw::simulation {

/// Who owns everything: the gateways' user.
inline constexpr unsigned user = 1000;

/// The lowest number from there on that is free.
int add_descriptor(Process& process, OpenFilePtr file, int from, bool closed_on_exec);
/// nullptr: it is not open.
OpenFilePtr open_file_of(const Process& process, int fd);
/// Whether something can be read.
bool is_ready(const Process& process, const OpenFile& file);

/// Below /proc: a directory, or a file that is made when it is opened.
int open_proc(Process& process, const std::string& path, int flags);
std::vector<std::string> names_in_proc(const Process& process, const std::string& path);

/// Runs a tool of s6 in the place of the process that asks for it.
struct ToolAnswer {
    int code = 0;
    std::string out;
    std::string err;
};
ToolAnswer run_tool(const Argv& argv);
/// Becomes s6-svscan.
[[noreturn]] void become_svscan(const std::string& scandir);

} // namespace gw::simulation
