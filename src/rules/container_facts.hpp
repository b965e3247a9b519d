/// What the settings and the processes of the container say about it as a whole. Pure.
#pragma once

#include "base/profile_name.hpp"
#include "rules/container_command.hpp"
#include "rules/decision.hpp"
#include "rules/owner.hpp"
#include "rules/settings.hpp"

#include <optional>
#include <span>
#include <string>

namespace gw {

/// Facts about the container, from settings and the command lines of its processes.
ContainerFacts container_facts(const Settings& settings, std::span<const ProcessCommand> processes);

/// The same, where another member owns the volume.
ContainerFacts with_owner(ContainerFacts facts, const Standing& owner);

/// Why the gateway of a profile does not run here whatever its intent, and the command that shows
/// what does; nullopt: it does. By the rows of the decision that come before any intent.
/// `placed_elsewhere` is as in ProfileFacts.
struct ReasonAgainst {
    std::string why;
    std::string next;
};
std::optional<ReasonAgainst> reason_against(const ContainerFacts& here, const ProfileName& profile,
                                            std::optional<std::string> placed_elsewhere = {});

} // namespace gw
