/// What is promised around a supervisor's command, once for every backend: the intent is recorded
/// first and given back when the command fails, the marker is written before the signal, the end is
/// verified.
///
/// Each operation comes in two halves, so that `--all` acts on every target before it waits for
/// any: `begin_…` records and commands, `finish` waits and looks again.
#pragma once

#include "rules/service_settings.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "store/intent_store.hpp"
#include "supervise/manager.hpp"
#include "sys/clock.hpp"
#include "sys/effects.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gw::operate {

struct Operator {
    supervise::ServiceManager& manager;
    const store::Home& home;
    const Settings& settings;
    sys::Effects& effects;
};

enum class Patience { wait, no_wait };
enum class Escalation { none, kill };

struct OperationOptions {
    std::optional<milliseconds> timeout; ///< nullopt: from the one formula (rules/time_limits.hpp)
    Patience patience = Patience::wait;
    Escalation escalation = Escalation::none;
};

/// An operation that has been commanded and not yet verified.
struct Pending {
    enum class Goal {
        down,     ///< the process is gone and not wanted up
        up,       ///< a process is up, ready where it tells
        replaced, ///< as up, and not the process that was there before
        nothing,  ///< it was so already
    };
    ProfileName profile = ProfileName::root();
    Goal goal = Goal::nothing;
    std::optional<ProcessIdentity> before; ///< the process at the time of the command
    std::vector<std::string> warnings;
    std::optional<store::IntentChange> intent{}; ///< what was recorded for it
    /// `supervise::ObservedService::change` just before a start was commanded.
    std::string change_before{};
    /// Deadlines count from here, however many other targets are waited for first.
    std::chrono::steady_clock::time_point commanded = std::chrono::steady_clock::now();
};

/// Records intent stopped, writes the marker, commands the stop. A marker that cannot be written is
/// a warning and never prevents the stop. Errc::not_registered before anything is written.
Result<Pending> begin_stop(const Operator& by, const ProfileName& profile);
/// Records intent running, unparks, registers a real profile that has no slot, commands the start;
/// of a gateway that is on its way down `finish` commands it, once that one has left.
Result<Pending> begin_start(const Operator& by, const ProfileName& profile);
/// Records intent running; a live process gets a marker that says restart.
Result<Pending> begin_restart(const Operator& by, const ProfileName& profile);

/// Waits for the goal within the deadline, looks at the intent again (a gateway that takes no lock
/// may have put an old one back) and removes the marker if its target has left without reading it.
/// Errc::timed_out names the pid that still lives.
Result<void> finish(const Operator& by, Pending& pending, const OperationOptions& options);

/// `finish` for every operation that has begun, all at the same time; one that has not begun
/// answers with its error. In the order of `begun`.
std::vector<Result<void>> watch_all(const Operator& by, std::span<Result<Pending>> begun,
                                    const OperationOptions& options);

/// The settings kept with the profile, after it has been given a port and these variables: what a
/// slot, unit or plist is made from.
Result<ServiceSettings> settle_service_settings(const Operator& by, const ProfileName& profile,
                                                const sys::Directory& directory,
                                                const Environment& environment);

/// Gives the profile a port, keeps its settings with `environment` added, makes the slot, down:
/// register is not start. Errc::conflict when it is registered already.
Result<void> register_profile(const Operator& by, const ProfileName& profile,
                              const Environment& environment);

/// Down, verified, unlinked, rescanned, removed; leaves no marker and no lock. Idempotent.
Result<void> unregister_profile(const Operator& by, const ProfileName& profile,
                                const OperationOptions& options);

} // namespace gw::operate
