/// Who plays a part beside the program: what stands for s6, for the gateways, and for those who
/// type.
#pragma once

#include "world.hpp"

#include <string>

namespace gw::simulation {

/// The descriptor on which a service tells s6-supervise that it is ready.
inline constexpr int notification_number = 3;

struct PipeEnds {
    OpenFilePtr read;
    OpenFilePtr write;
};
PipeEnds make_pipe_ends();

/// A child with the environment, directory and inheritable descriptors of its parent.
ProcessPtr fork_exec(Process& parent, Argv argv, std::string what, std::function<void()> body);

/// The program of a profile: gets ready, works, drains, crashes.
void play_gateway(const std::string& profile);
/// A slot's `run` and `finish`, from s6-supervise's fork to their end; `run` in the place of its
/// process.
void play_run(const std::string& profile);
void play_finish(const std::string& profile, int code, int signal);
/// The service that keeps the volume, or waits for it (s6-templates/keeper-*).
void play_keeper();
void play_keeper_finish(int code);
/// What s6-svscan runs at a SIGTERM, and what it becomes in the end (s6-templates/svscan-*).
void play_before_stop(const std::string& scandir);
void play_after_stop(const std::string& scandir);

} // namespace gw::simulation
