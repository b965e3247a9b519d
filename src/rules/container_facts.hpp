/// What the settings and the processes of the container say about it as a whole. Pure.
#pragma once

#include "rules/container_command.hpp"
#include "rules/decision.hpp"
#include "rules/settings.hpp"

#include <span>

namespace gw {

/// Facts about the container, from settings and the command lines of its processes.
ContainerFacts container_facts(const Settings& settings, std::span<const ProcessCommand> processes);

} // namespace gw
