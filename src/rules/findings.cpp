#include "rules/findings.hpp"

#include <array>
#include <utility>

namespace gw {

std::string_view to_string(FindingCode code) {
    constexpr auto names = std::to_array<std::string_view>({"ignored-configuration",
                                                            "unknown-value",
                                                            "unclean-value",
                                                            "unknown-variable",
                                                            "bad-drain-timeout",
                                                            "bad-ports",
                                                            "gateways-run-as-root",
                                                            "volume-too-large",
                                                            "unlistable-profiles",
                                                            "reserved-name",
                                                            "copied-profile",
                                                            "unusable-state-file",
                                                            "unusable-intent-file",
                                                            "unusable-service-settings",
                                                            "stale-file-is-directory",
                                                            "unreadable-marker",
                                                            "old-intent-written-back",
                                                            "profile-gone",
                                                            "profile-unseen",
                                                            "no-such-profile",
                                                            "no-port-left",
                                                            "unregistered",
                                                            "marker-not-written",
                                                            "planned-end-not-noted",
                                                            "command-unconfirmed",
                                                            "mirror-not-written",
                                                            "unregistration-not-kept",
                                                            "still-parked",
                                                            "drain-cut-off",
                                                            "intent-not-confirmed",
                                                            "slot-not-ours",
                                                            "orphan-kept",
                                                            "not-registered",
                                                            "drift",
                                                            "parked",
                                                            "up-against-intent",
                                                            "down-against-intent",
                                                            "held-outside"});
    static_assert(names.size() == static_cast<std::size_t>(FindingCode::held_outside) + 1);
    return names.at(static_cast<std::size_t>(code));
}

std::string cure_for(FindingCode code, Upkeep upkeep, const ProfileName& profile) {
    const bool installs = upkeep == Upkeep::install;
    const auto on_profile = [&profile](std::string_view verb) {
        return "gatewayctl " + std::string(verb) + " " + profile.str();
    };
    switch (code) {
    case FindingCode::drift:
        return installs ? on_profile("install") : "gatewayctl reconcile";
    case FindingCode::unregistered:
        return on_profile("register");
    case FindingCode::not_registered:
        return on_profile(installs ? "install" : "start");
    case FindingCode::parked:
    case FindingCode::copied_profile:
    case FindingCode::down_against_intent:
        return on_profile("start");
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
    return {std::string(to_string(code)), std::move(subject), std::move(what), std::move(why), {}};
}

Finding finding(FindingCode code, Upkeep upkeep, const ProfileName& profile, std::string what,
                std::string why) {
    return {std::string(to_string(code)), profile.str(), std::move(what), std::move(why),
            cure_for(code, upkeep, profile)};
}

} // namespace gw
