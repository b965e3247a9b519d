/// One interface, three supervisors. A backend knows how to ask its supervisor and how to command
/// it; what is promised around a command (intent, marker, verification) exists once, in
/// `operate/operations.hpp`.
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

/// Everything a backend installs a gateway from.
using ServiceSpec = SlotSpec;

/// Errc::unsupported is how a backend says that it cannot do a thing.
class ServiceManager {
  public:
    virtual ~ServiceManager() = default;

    [[nodiscard]] virtual ManagerKind kind() const = 0;
    /// For people: "s6 (container supervisor)".
    [[nodiscard]] virtual std::string label() const = 0;

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

    /// Commands the supervisor and returns as soon as it has accepted: none of these waits for the
    /// gateway. The caller has written intent and marker.
    virtual Result<void> send_start(sys::Effects& effects, const ProfileName& profile) = 0;
    virtual Result<void> send_stop(sys::Effects& effects, const ProfileName& profile) = 0;
    /// Instead of `send_stop` where nothing supervises the service now: what comes to supervise it
    /// later finds it stopped.
    virtual Result<void> hold_down(sys::Effects& /*effects*/, const ProfileName& /*profile*/) {
        return {};
    }
    /// Ends the current process and lets the supervisor start the next one.
    virtual Result<void> send_restart(sys::Effects& effects, const ProfileName& profile) = 0;
    /// Takes it down for as long as this supervisor lives: the end of a container, which says
    /// nothing about the next boot. Hosts do that by themselves.
    virtual Result<void> send_drain(sys::Effects& /*effects*/, const ProfileName& profile) {
        return fail(Errc::unsupported,
                    "'" + profile.str() + "' is not drained: " + label() +
                        " takes its gateways down itself when the machine stops",
                    "gatewayctl stop " + profile.str());
    }
    /// SIGKILL to what is left of the gateway.
    virtual Result<void> send_kill(sys::Effects& effects, const ProfileName& profile) = 0;

    /// Makes the gateway known to the supervisor, down unless `spec.starts`. Errc::conflict when it
    /// is registered already. On hosts (systemd, launchd) that is the work of `install`, and the
    /// profile hooks' register is a quiet no-op there.
    virtual Result<void> enrol(sys::Effects& effects, const ServiceSpec& spec) = 0;
    /// Undoes `enrol`; the gateway is down already. Absent is success.
    virtual Result<void> withdraw(sys::Effects& effects, const ProfileName& profile) = 0;

    /// Whether `register` and `unregister` mean anything here, or are a quiet no-op.
    [[nodiscard]] virtual bool has_run_time_registration() const = 0;

    /// The command that shows the gateway's log; `logs` becomes it.
    struct LogRequest {
        bool follow = false;
        int lines = 100;
    };
    [[nodiscard]] virtual Result<Argv> log_command(const ProfileName& profile,
                                                   const LogRequest& request) const = 0;

    /// Installs (or repairs a drifted) unit or plist; Errc::unsupported with the way out under s6.
    virtual Result<void> install(sys::Effects& effects, const ServiceSpec& spec) = 0;
    virtual Result<void> uninstall(sys::Effects& effects, const ProfileName& profile) = 0;
};

} // namespace gw::supervise
