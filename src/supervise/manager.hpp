/// One interface, three supervisors. A backend knows how to ask its supervisor and how to command
/// it; what is promised around a command (intent, marker, verification) exists once, in
/// `operate/`.
#pragma once

#include "base/process.hpp"
#include "base/profile_name.hpp"
#include "render/slot.hpp"
#include "sys/effects.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::supervise {

enum class ManagerKind { s6, systemd, launchd };
std::string_view to_string(ManagerKind kind);

/// How the last run of a gateway ended.
struct LastExit {
    std::optional<int> code;
    std::optional<int> signal;
};

/// What the supervisor says now: observed state. Never written back as intent.
struct ObservedService {
    bool registered = false; ///< there is a slot, unit or plist of this home
    bool supervised = false; ///< the supervisor watches it
    bool wants_up = false;   ///< the supervisor tries to keep it up
    bool up = false;
    std::optional<bool> ready; ///< nullopt: the gateway does not tell
    std::optional<ProcessIdentity> process;
    std::optional<std::int64_t> since; ///< seconds since the epoch of the last change up or down
    std::optional<LastExit> last_exit;
    /// Another one after every change up or down, to tell "not yet" from "again"; opaque. Empty
    /// where the supervisor does not tell.
    std::string change;
    std::string drift; ///< how it differs from what this version would install; empty: it does not
};

/// Everything a backend makes a slot, unit or plist from.
using ServiceSpec = SlotSpec;

/// What kind of supervisor this is. What the verbs do differently, they ask here, so that none of
/// them branches on the kind.
struct Traits {
    ManagerKind kind = ManagerKind::s6;
    /// For people: "s6 (container supervisor)".
    std::string label;
    /// What a gateway consists of there: "slot", "unit", "plist".
    std::string_view service_word;
    /// `register` and `unregister` make and remove it at run time (s6). Elsewhere they are a quiet
    /// no-op of the application's profile hooks, and `install` and `uninstall` are the words.
    bool registers = false;
    /// `drain` ends the gateways before the init's grace (s6). Hosts do that by themselves.
    bool drains = false;
};

/// Errc::unsupported is how a backend says that it cannot do a thing.
class ServiceManager {
  public:
    ServiceManager() = default;
    virtual ~ServiceManager() = default;
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    [[nodiscard]] virtual const Traits& traits() const = 0;

    /// Only reads. `registered` false is an answer, not an error.
    [[nodiscard]] virtual Result<ObservedService> observe(const ProfileName& profile) const = 0;
    /// Only that of `observe`, which may be cheaper.
    [[nodiscard]] virtual Result<bool> is_registered(const ProfileName& profile) const {
        const auto seen = observe_process(profile);
        return seen ? Result<bool>(seen->registered) : std::unexpected(seen.error());
    }
    /// As `observe`, perhaps without `drift`: what an operation asks again and again.
    [[nodiscard]] virtual Result<ObservedService>
    observe_process(const ProfileName& profile) const {
        return observe(profile);
    }
    /// Profiles of this home that are registered, sorted.
    [[nodiscard]] virtual Result<std::vector<ProfileName>> list() const = 0;

    /// Each commands the supervisor and returns as soon as it has accepted: none waits for the
    /// gateway. The caller has written intent and marker.
    virtual Result<void> start(sys::Effects& effects, const ProfileName& profile) = 0;
    virtual Result<void> stop(sys::Effects& effects, const ProfileName& profile) = 0;
    /// Instead of `stop` where nothing supervises the service now: what comes to supervise it later
    /// finds it stopped.
    virtual Result<void> hold_down(sys::Effects& /*effects*/, const ProfileName& /*profile*/) {
        return {};
    }
    /// Ends the current process and lets the supervisor start the next one.
    virtual Result<void> restart(sys::Effects& effects, const ProfileName& profile) = 0;
    /// Takes it down for as long as this supervisor lives: the end of a container, which says
    /// nothing about the next boot. Errc::unsupported unless `traits().drains`.
    virtual Result<void> drain(sys::Effects& /*effects*/, const ProfileName& profile) {
        return fail(Errc::unsupported,
                    "'" + profile.str() + "' is not drained: " + traits().label +
                        " takes its gateways down itself when the machine stops",
                    "gatewayctl stop " + profile.str());
    }
    /// SIGKILL to what is left of the gateway.
    virtual Result<void> kill(sys::Effects& effects, const ProfileName& profile) = 0;

    /// Makes the gateway known to the supervisor, down unless `spec.starts`. Under s6 a slot that
    /// is there already is Errc::conflict; a unit or plist that has drifted is repaired.
    virtual Result<void> add(sys::Effects& effects, const ServiceSpec& spec) = 0;
    /// Undoes `add`; the gateway is down already. Absent is success.
    virtual Result<void> remove(sys::Effects& effects, const ProfileName& profile) = 0;

    /// The command that shows the gateway's log; `logs` becomes it.
    struct LogRequest {
        bool follow = false;
        int lines = 100;
    };
    [[nodiscard]] virtual Result<Argv> log_command(const ProfileName& profile,
                                                   const LogRequest& request) const = 0;
};

} // namespace gw::supervise
