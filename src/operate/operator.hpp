/// Who operates on gateways: what every operation works with.
#pragma once

#include "base/finding.hpp"
#include "base/profile_name.hpp"
#include "operate/stop_end.hpp"
#include "own/ownership.hpp"
#include "rules/container_facts.hpp"
#include "rules/operation.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "store/intent_store.hpp"
#include "supervise/manager.hpp"
#include "sys/effects.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gw::operate {

struct Operator {
    supervise::ServiceManager& manager;
    const store::Home& home;
    const Settings& settings;
    sys::Effects& effects;
    std::string note{}; ///< why, in the operator's words (--reason)

    /// What is known of this container. It takes a look at every process, and is the same for each
    /// gateway of one command.
    [[nodiscard]] const ContainerFacts& here() const;
    mutable std::optional<ContainerFacts> known_here{}; ///< of the first look
};

enum class Patience { wait, no_wait };

/// How far one of the operations is that are waited for.
struct Progress {
    const ProfileName& profile;
    seconds elapsed{0}; ///< since its command
    seconds limit{0};   ///< when it is given up, or killed with Escalation::kill
    bool ended = false;
};
/// Is told of all of them together, whenever one of them has ended, and each second.
using OnProgress = std::function<void(std::span<const Progress>)>;

struct OperationOptions {
    std::optional<milliseconds> timeout; ///< nullopt: from the one formula (rules/time_limits.hpp)
    Patience patience = Patience::wait;
    Escalation escalation = Escalation::none;
    OnProgress on_progress{}; ///< empty: nobody looks
};

/// An operation whose command was accepted, and that has not been seen through yet.
struct Pending {
    ProfileName profile = ProfileName::root();
    Watch watch;
    std::vector<Finding> warnings;
    std::optional<store::IntentChange> intent{}; ///< what was recorded for it
    NoteBefore note_before{};                    ///< of a stop
    /// Time limits count from here, however many other gateways are commanded after it.
    std::chrono::steady_clock::time_point commanded = std::chrono::steady_clock::now();
};

/// "cannot stop 'a': …"
Error in_verb(Error error, std::string_view verb, const ProfileName& profile);

/// Errc::not_registered, with the next command for a profile that is there and for one that is not.
Error not_registered(const Operator& by, const ProfileName& profile);

/// Errc::unsupported, with the next command: where a verb does not make what is missing.
Error only_installed(const Operator& by, const ProfileName& profile);

/// The directory of a profile that is registered; Errc::no_profile when it is gone, or cannot be
/// seen.
Result<sys::Directory> directory_of_registered(const Operator& by, const ProfileName& profile);

/// Errc::unsupported where this container, or this host, runs no gateway of the profile, whatever
/// its intent: another process would be the second one.
Result<void> check_runs_here(const Operator& by, const ProfileName& profile);

/// A share in the volume, under which an operation records and commands. Errc::conflict where it is
/// another member's: nothing has been recorded then, and the error names who owns it and what to
/// type there. In a container that runs no gateways the share is none. Errc::not_found, and nothing
/// is recorded either, on the bare mount point of a volume that is away.
Result<own::Share> share_volume(const Operator& by, std::string_view verb,
                                const ProfileName& profile);

/// The same refusals by a look alone.
Result<void> check_share(const Operator& by, std::string_view verb, const ProfileName& profile);

/// What starts next starts from what this version would make, not from what an older one has left:
/// its program may be gone. Where that cannot be had, the error names what makes it; nothing has
/// been recorded then.
Result<void> renew(const Operator& by, const ProfileName& profile);

/// Tells one process that its end is planned: the marker for the gateway (field report #105608) and
/// the note for whoever hears of its end. What cannot be written is a warning and never prevents
/// the command.
void announce_end(const Operator& by, const sys::Directory& profile, const ProcessIdentity& target,
                  std::string_view verb, Pending& pending);
/// Takes both back, when the command was not accepted.
void withdraw_end(const Operator& by, const sys::Directory& profile);

} // namespace gw::operate
