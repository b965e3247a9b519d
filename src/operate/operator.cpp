#include "operate/operator.hpp"

#include "base/text.hpp"
#include "rules/findings.hpp"
#include "store/marker_file.hpp"
#include "store/planned_end.hpp"
#include "supervise/detect.hpp"

#include <fmt/format.h>

namespace gw::operate {

namespace {

/// On the bare mount point of a volume that is away `default` seems to be there: nothing that is
/// recorded on it would be seen when the volume is back.
Result<void> refuse_bare_mount_point(const Operator& by, const ProfileName& profile) {
    if (by.home.has_profiles()) {
        return {};
    }
    const auto seen = by.manager.observe(profile);
    const OwnSlot slot{profile.is_root(), seen ? seen->made_for : std::nullopt};
    return slot.made_for && volume_is_away(by.home.identity(), std::span(&slot, 1))
               ? fail(Errc::not_found,
                      "the volume of " + by.home.path() + " seems to be away: '" + profile.str() +
                          "' was registered for another directory",
                      "mount the volume")
               : Result<void>{};
}

/// What a look alone tells of a share: another member has the volume, or nobody is kept out.
own::Share seen_share(const own::Ownership& volume) {
    auto standing = volume.look();
    own::Share share;
    share.kind = standing.kind == Standing::Kind::elsewhere ? own::Share::Kind::refused
                                                            : own::Share::Kind::unguarded;
    share.owner = std::move(standing.owner);
    return share;
}

Error refusal_of(const own::Share& share, std::string_view verb, const ProfileName& profile) {
    return own::refusal(share, fmt::format("gatewayctl {} {}", verb, profile.str()));
}

} // namespace

Error in_verb(Error error, std::string_view verb, const ProfileName& profile) {
    return std::move(error).within(fmt::format("cannot {} '{}'", verb, profile.str()));
}

Error not_registered(const Operator& by, const ProfileName& profile) {
    const bool exists = by.home.require(profile).has_value();
    return {Errc::not_registered,
            "'" + profile.str() + "' is not registered with " + by.manager.traits().label,
            cure_for(exists ? FindingCode::not_registered : FindingCode::no_such_profile,
                     by.manager.traits().upkeep(), profile)};
}

Error only_installed(const Operator& by, const ProfileName& profile) {
    const auto& traits = by.manager.traits();
    return {Errc::unsupported,
            fmt::format("'{}' has no {} in {}, and only `install` makes one", profile.str(),
                        traits.service_word, traits.label),
            cure_for(FindingCode::not_registered, traits.upkeep(), profile)};
}

Result<sys::Directory> directory_of_registered(const Operator& by, const ProfileName& profile) {
    auto directory = by.home.find(profile);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    if (!*directory) {
        const auto absence = by.home.absence_of(profile);
        const std::string what = "the directory of '" + profile.str() + "' does not exist: ";
        return absence.unproven.empty() ? fail(Errc::no_profile, what + by.home.path_of(profile),
                                               "gatewayctl unregister " + profile.str())
                                        : fail(Errc::no_profile, what + absence.unproven);
    }
    return std::move(**directory);
}

const ContainerFacts& Operator::here() const {
    if (!known_here) {
        known_here = supervise::container_here(manager, settings);
    }
    return *known_here;
}

Result<void> check_runs_here(const Operator& by, const ProfileName& profile) {
    const auto reason = reason_against(by.here(), profile);
    return reason ? fail(Errc::unsupported, "its gateway does not run here: " + reason->why,
                         reason->next)
                  : Result<void>{};
}

Result<own::Share> share_volume(const Operator& by, std::string_view verb,
                                const ProfileName& profile) {
    if (auto there = refuse_bare_mount_point(by, profile); !there) {
        return std::unexpected(std::move(there.error()));
    }
    const auto volume = own::ownership_of(by.home, by.settings, profile);
    auto share = by.here().runs_gateways ? volume->take(by.effects) : seen_share(*volume);
    return share.is_ours() ? Result<own::Share>(std::move(share))
                           : std::unexpected(refusal_of(share, verb, profile));
}

Result<void> check_share(const Operator& by, std::string_view verb, const ProfileName& profile) {
    if (auto there = refuse_bare_mount_point(by, profile); !there) {
        return there;
    }
    const auto share = seen_share(*own::ownership_of(by.home, by.settings, profile));
    return share.is_ours() ? Result<void>{} : std::unexpected(refusal_of(share, verb, profile));
}

Result<void> renew(const Operator& by, const ProfileName& profile) {
    auto done = by.manager.renew(by.effects, profile);
    if (done) {
        return done;
    }
    const auto& traits = by.manager.traits();
    const std::string command = cure_for(FindingCode::drift, traits.upkeep(), profile);
    Error why =
        std::move(done.error()).within(fmt::format("its {} is out of date", traits.service_word));
    if (why.code == Errc::not_permitted) {
        return std::unexpected(std::move(why).advise("as root: " + command));
    }
    return std::unexpected(why.next.empty() ? std::move(why).advise(command) : std::move(why));
}

void announce_end(const Operator& by, const sys::Directory& profile, const ProcessIdentity& target,
                  std::string_view verb, Pending& pending) {
    const auto warn = [&](FindingCode code, std::string what, const Result<void>& done) {
        if (!done) {
            pending.warnings.push_back(
                finding(code, pending.profile.str(), std::move(what), done.error().message));
        }
    };
    warn(FindingCode::marker_not_written,
         fmt::format("the gateway will take this {} for an unexpected signal", verb),
         store::write_marker(
             by.effects, profile, MarkerKind::planned_stop,
             {target, "gatewayctl " + std::string(verb), std::string(verb), {}, by.note}));
    warn(FindingCode::planned_end_not_noted,
         fmt::format("the end of this {} may be counted as a death", verb),
         store::note_planned_end(by.effects, profile, target, pending.intent));
}

void withdraw_end(const Operator& by, const sys::Directory& profile) {
    (void)store::clear_marker(by.effects, profile, MarkerKind::planned_stop);
    (void)store::clear_planned_end(by.effects, profile);
}

} // namespace gw::operate
