#include "reconcile/volume.hpp"

#include "rules/findings.hpp"
#include "supervise/detect.hpp"
#include "supervise/s6/keeper_slot.hpp"
#include "sys/processes.hpp"

namespace gw::reconcile {

namespace {

std::string_view until_when(const Settings& settings) {
    if (guard_of(settings) == Guard::fleet) {
        return "they come up here when it gives them to this member (gatewayctl fleet status)";
    }
    return settings.role == Role::standby
               ? "they come up here once it is gone"
               : "once it is gone, gatewayctl reconcile brings them up here; with "
                 "GATEWAYCTL_ROLE=standby that needs nobody";
}

void belongs_to(const std::optional<Owner>& owner, const Settings& settings, VolumeView& view) {
    view.container.foreign_owner = to_text(owner, guard_of(settings));
    view.findings.push_back(finding(FindingCode::foreign_owner, {},
                                    "the gateways of this volume belong to " +
                                        *view.container.foreign_owner + ", and stay down here",
                                    std::string(until_when(settings))));
}

void is_unguarded(std::string why, VolumeView& view) {
    view.findings.push_back(finding(FindingCode::volume_unguarded, {},
                                    "a second container on this volume would not be noticed",
                                    std::move(why)));
}

void doubt(const own::Ownership& volume, VolumeView& view) {
    if (auto why = volume.doubt(); !why.empty()) {
        view.findings.push_back(finding(FindingCode::volume_on_network, {},
                                        "another machine on this volume might not be noticed",
                                        std::move(why)));
    }
}

Standing::Kind found_before(own::Share::Kind share) {
    switch (share) {
    case own::Share::Kind::taken:
        return Standing::Kind::nobody;
    case own::Share::Kind::joined:
        return Standing::Kind::here;
    case own::Share::Kind::refused:
        return Standing::Kind::elsewhere;
    case own::Share::Kind::unguarded:
        break;
    }
    return Standing::Kind::unknown;
}

} // namespace

VolumeView view_of_container(const Settings& settings) {
    return {supervise::container_here(settings)};
}

VolumeView look_at_volume(const own::Ownership& volume, const Settings& settings) {
    auto view = view_of_container(settings);
    if (!view.container.runs_gateways) {
        return view;
    }
    const auto standing = volume.look();
    view.found = standing.kind;
    if (standing.kind == Standing::Kind::elsewhere) {
        belongs_to(standing.owner, settings, view);
    } else if (standing.kind == Standing::Kind::unknown) {
        is_unguarded("it has no locks", view);
    }
    doubt(volume, view);
    return view;
}

VolumeView take_volume(sys::Effects& effects, own::Ownership& volume, const Settings& settings,
                       own::Share& share) {
    auto view = view_of_container(settings);
    if (!view.container.runs_gateways) {
        return view;
    }
    share = volume.take(effects);
    view.found = found_before(share.kind);
    if (share.kind == own::Share::Kind::refused) {
        belongs_to(share.owner, settings, view);
    } else if (share.kind == own::Share::Kind::unguarded) {
        is_unguarded(share.problem, view);
    }
    doubt(volume, view);
    return view;
}

void observe_keeper(const VolumeView& volume, const Settings& settings, AfterPass after,
                    const std::optional<supervise::Scandir>& scandir, Observation& observation) {
    observation.keeper_wanted =
        needs_keeper({.found = volume.found,
                      .role = settings.role,
                      .tree = settings.tree_kind,
                      .supervisor_live = observation.supervisor_live,
                      .becomes_tree = after == AfterPass::becomes_tree,
                      .in_fleet = settings.fleet.has_value() && settings.role != Role::none});
    if (observation.keeper_wanted && scandir) {
        observation.keeper = supervise::keeper_content(*scandir);
        observation.keeper_rests =
            observation.supervisor_live && volume.found == Standing::Kind::nobody;
    }
}

} // namespace gw::reconcile
