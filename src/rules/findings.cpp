#include "rules/findings.hpp"

#include <array>
#include <utility>

namespace gw {

namespace {
// In the order of FindingCode, and as there: configuration, volume, operation, supervisor,
// decision, and what doctor looks at.
// clang-format off
constexpr auto code_words = std::to_array<std::string_view>({
    "ignored-configuration", "unknown-value", "unclean-value", "unknown-variable",
    "bad-drain-timeout", "bad-ports", "gateways-run-as-root", "foreign-owner", "volume-unguarded",
    "volume-on-network", "volume-too-large",
    "unlistable-profiles", "reserved-name", "copied-profile", "unusable-state-file", "unusable-intent-file",
    "unusable-service-settings", "stale-file-is-directory", "unreadable-marker",
    "old-intent-written-back", "profile-gone", "profile-unseen", "no-such-profile", "no-port-left",
    "unregistered", "marker-not-written", "planned-end-not-noted", "command-unconfirmed",
    "mirror-not-written", "unregistration-not-kept", "still-parked", "drain-cut-off",
    "intent-not-confirmed", "slot-not-ours", "orphan-kept", "not-registered", "drift", "parked",
    "up-against-intent", "down-against-intent", "held-outside", "unreadable-state", "corrupt-state",
    "unknown-intent", "runs-not-here", "keeps-dying", "unseen-service", "invalid-profile",
    "no-supervisor", "supervisor-not-live", "missing-tool", "scandir-unusable", "too-many-services",
    "low-limit", "volume-full", "volume-unwritable", "volume-refuses", "volume-away", "wrong-owner",
    "no-soul", "litter", "stale-marker", "port-twin",
    "kill-before-drain", "container-grace", "clock-wrong", "fleet-misconfigured", "fleet-away",
    "endpoint-away", "endpoint-unwell", "no-member", "late-renewal", "lease-before-drain",
    "certificate-ends", "clocks-differ"});
// clang-format on
static_assert(code_words.size() == static_cast<std::size_t>(FindingCode::clocks_differ) + 1);
} // namespace

std::string_view to_string(FindingCode code) {
    return code_words.at(static_cast<std::size_t>(code));
}

Severity severity_of(FindingCode code) {
    switch (code) {
    case FindingCode::unregistered:
    case FindingCode::old_intent_written_back:
    case FindingCode::reserved_name:
    case FindingCode::runs_not_here:
    case FindingCode::litter:
    case FindingCode::stale_marker:
    case FindingCode::lease_before_drain:
        return Severity::note;
    case FindingCode::unlistable_profiles:
    case FindingCode::profile_gone:
    case FindingCode::profile_unseen:
    case FindingCode::no_such_profile:
    case FindingCode::slot_not_ours:
    case FindingCode::orphan_kept:
    case FindingCode::not_registered:
    case FindingCode::parked:
    case FindingCode::up_against_intent:
    case FindingCode::down_against_intent:
    case FindingCode::held_outside:
    case FindingCode::unreadable_state:
    case FindingCode::corrupt_state:
    case FindingCode::unknown_intent:
    case FindingCode::keeps_dying:
    case FindingCode::unseen_service:
    case FindingCode::invalid_profile:
    case FindingCode::no_supervisor:
    case FindingCode::supervisor_not_live:
    case FindingCode::missing_tool:
    case FindingCode::scandir_unusable:
    case FindingCode::too_many_services:
    case FindingCode::volume_full:
    case FindingCode::volume_unwritable:
    case FindingCode::volume_away:
    case FindingCode::wrong_owner:
    case FindingCode::no_soul:
    case FindingCode::port_twin:
    case FindingCode::clock_wrong:
    case FindingCode::fleet_misconfigured:
    case FindingCode::fleet_away:
    case FindingCode::endpoint_unwell:
    case FindingCode::no_member:
        return Severity::error;
    default:
        return Severity::warning;
    }
}

std::string cure_for(FindingCode code, Upkeep upkeep, const ProfileName& profile) {
    const bool installs = upkeep == Upkeep::install;
    const auto on_profile = [&profile](std::string_view verb) {
        return "gatewayctl " + std::string(verb) + " " + profile.str();
    };
    switch (code) {
    case FindingCode::drift:
    case FindingCode::kill_before_drain:
    case FindingCode::port_twin:
        return installs ? on_profile("install") : "gatewayctl reconcile";
    case FindingCode::unregistered:
        return on_profile("register");
    case FindingCode::not_registered:
        return on_profile(installs ? "install" : "start");
    case FindingCode::parked:
    case FindingCode::copied_profile:
    case FindingCode::down_against_intent:
    case FindingCode::corrupt_state:
    case FindingCode::unknown_intent:
        return on_profile("start");
    case FindingCode::keeps_dying:
        return on_profile("logs");
    case FindingCode::up_against_intent:
        return on_profile("stop");
    case FindingCode::profile_gone:
        return on_profile(installs ? "uninstall" : "unregister");
    case FindingCode::no_such_profile:
        return "gatewayctl list";
    default:
        return {};
    }
}

Finding finding(FindingCode code, std::string subject, std::string what, std::string why) {
    return {std::string(to_string(code)),
            std::move(subject),
            std::move(what),
            std::move(why),
            {},
            severity_of(code)};
}

Finding finding_with_cure(FindingCode code, std::string subject, std::string what, std::string why,
                          std::string cure) {
    auto found = finding(code, std::move(subject), std::move(what), std::move(why));
    found.cure = std::move(cure);
    return found;
}

Finding finding(FindingCode code, Upkeep upkeep, const ProfileName& profile, std::string what,
                std::string why) {
    return {std::string(to_string(code)),    profile.str(),    std::move(what), std::move(why),
            cure_for(code, upkeep, profile), severity_of(code)};
}

} // namespace gw
