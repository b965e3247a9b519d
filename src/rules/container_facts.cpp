#include "rules/container_facts.hpp"

namespace gw {

ContainerFacts container_facts(const Settings& settings,
                               std::span<const ProcessCommand> processes) {
    ContainerFacts facts;
    const auto command = find_container_command(processes, settings.wrapper);
    const auto role = command ? role_of(*command) : CommandRole::other;
    const bool opted_out = settings.no_supervise || (command && opts_out_of_supervision(*command));
    facts.guard = guard_of(settings);
    facts.runs_gateways = settings.role != Role::none && role != CommandRole::dashboard;
    facts.multiplex = settings.multiplex;
    facts.legacy_gateway_command = role == CommandRole::gateway_run && !opted_out;
    facts.legacy_profile = command ? profile_named_by(*command) : facts.legacy_profile;
    facts.first_boot_seed = settings.first_boot_seed;
    return facts;
}

ContainerFacts with_owner(ContainerFacts facts, const Standing& owner) {
    if (facts.runs_gateways && owner.kind == Standing::Kind::elsewhere) {
        facts.foreign_owner = to_text(owner.owner, facts.guard);
    }
    return facts;
}

std::optional<ReasonAgainst> reason_against(const ContainerFacts& here, const ProfileName& profile,
                                            std::optional<std::string> placed_elsewhere) {
    ProfileFacts facts;
    facts.placed_elsewhere = std::move(placed_elsewhere);
    switch (decide(here, facts, profile).reason) {
    case Reason::foreign_owner:
        return here.foreign_owner
                   ? ReasonAgainst{"the gateways of this volume belong to " + *here.foreign_owner,
                                   std::string(foreign_owner_cure(here.guard))}
                   : ReasonAgainst{"its place " + *facts.placed_elsewhere,
                                   "gatewayctl fleet status " + profile.str()};
    case Reason::role:
        return ReasonAgainst{"the role of this container is to run none",
                             "start a container without GATEWAYCTL_ROLE=none, whose command is not "
                             "the dashboard"};
    case Reason::multiplexed:
        return ReasonAgainst{"one gateway serves all profiles (multiplex is on)",
                             "set multiplex_profiles: false in gatewayctl.yaml (or "
                             "GATEWAY_MULTIPLEX_PROFILES, where it is set), then gatewayctl "
                             "start " +
                                 profile.str()};
    default:
        return std::nullopt;
    }
}

} // namespace gw
