/// One interface, three supervisors. A backend knows how to ask its supervisor and how to command
/// it; what is promised around a command (intent, marker, verification) exists once, in `operate/`.
#pragma once

#include "base/argv.hpp"
#include "base/moment.hpp"
#include "base/profile_name.hpp"
#include "rules/findings.hpp"
#include "rules/observed_service.hpp"
#include "rules/slot_spec.hpp"
#include "sys/effects.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::supervise {

enum class ManagerKind { s6, systemd, launchd };
std::string_view to_string(ManagerKind kind);

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
    [[nodiscard]] Upkeep upkeep() const { return registers ? Upkeep::boot_pass : Upkeep::install; }
    /// `drain` ends the gateways before the init's grace (s6). Hosts do that by themselves.
    bool drains = false;
};

/// What stands under the name of a service of ours and is none.
struct ForeignService {
    ProfileName profile = ProfileName::root(); ///< whose name it has
    std::string why;                           ///< for people
    std::string cure;                          ///< what makes room; may be empty
};

/// Hears of changes of some gateways, so that who waits need not ask again and again. It exists
/// before the first look, so that no change between two looks is missed.
class News {
  public:
    News() = default;
    virtual ~News() = default;
    News(const News&) = delete;
    News& operator=(const News&) = delete;

    /// Waits at most `limit` for a change. Answers with those that may have changed, as indices
    /// into the list that the news are of; it may name more than have.
    virtual std::vector<std::size_t> wait(std::chrono::milliseconds limit) = 0;
    /// How long a change may stay unheard of: as often everything has to be looked at again.
    [[nodiscard]] virtual std::chrono::milliseconds look_again() const = 0;
};

/// News of a supervisor that does not tell: everything may have changed after every pause.
std::unique_ptr<News> make_polling_news(std::size_t count);

/// Errc::unsupported is how a backend says that it cannot do a thing.
/// For how long a drain takes a gateway down.
enum class DownFor {
    this_life,  ///< as long as the supervisor lives: a container ends, and its slots stay as they
                ///< are
    until_pass, ///< a boot pass below the same supervisor finds it down, and brings it up
};

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
    /// `observe_process` of each of them, in their order; of many it may be cheaper together.
    [[nodiscard]] virtual std::vector<Result<ObservedService>>
    observe_processes(std::span<const ProfileName> profiles) const;
    /// `observe` of each of them, in their order; of many it may be cheaper together.
    [[nodiscard]] virtual std::vector<Result<ObservedService>>
    observe_all(std::span<const ProfileName> profiles) const;
    /// Services that keep ours from their names, sorted; none where names cannot collide. Under the
    /// names of `known`, sorted, it does not look.
    [[nodiscard]] virtual std::vector<ForeignService>
    foreign(std::span<const ProfileName> /*known*/) const {
        return {};
    }
    /// Profiles of this home that are registered, sorted.
    [[nodiscard]] virtual Result<std::vector<ProfileName>> list() const = 0;
    /// Those of `list` that are not among `known`, sorted, under whose names it need not look.
    [[nodiscard]] virtual Result<std::vector<ProfileName>>
    list_beyond(std::span<const ProfileName> known) const;

    /// News of these gateways.
    [[nodiscard]] virtual std::unique_ptr<News> news(std::span<const ProfileName> profiles) const {
        return make_polling_news(profiles.size());
    }

    /// Each commands the supervisor and returns as soon as it has accepted: none waits for the
    /// gateway. The caller has written intent and marker.
    virtual Result<void> start(sys::Effects& effects, const ProfileName& profile) = 0;
    virtual Result<void> stop(sys::Effects& effects, const ProfileName& profile) = 0;
    /// The supervisor's own command that does so until the next boot, for people; empty: none.
    [[nodiscard]] virtual std::string plain_stop(const ProfileName& /*profile*/) const {
        return {};
    }
    /// Instead of `stop` where nothing supervises the service now: what comes to supervise it later
    /// finds it stopped.
    virtual Result<void> hold_down(sys::Effects& /*effects*/, const ProfileName& /*profile*/) {
        return {};
    }
    /// Ends the current process and lets the supervisor start the next one.
    virtual Result<void> restart(sys::Effects& effects, const ProfileName& profile) = 0;
    /// Takes all of them down at once. In their order; Errc::unsupported unless `traits().drains`.
    virtual std::vector<Result<void>> drain(sys::Effects& effects,
                                            std::span<const ProfileName> profiles, DownFor span);
    /// SIGKILL to what is left of the gateway.
    virtual Result<void> kill(sys::Effects& effects, const ProfileName& profile) = 0;

    /// Makes the gateway known to the supervisor, down unless `spec.starts`. Under s6 a slot that
    /// is there already is Errc::conflict; a unit or plist that has drifted is repaired.
    virtual Result<void> add(sys::Effects& effects, const ServiceSpec& spec) = 0;
    /// Makes the slot or unit of a registered gateway what `add` would make now, so that its next
    /// start is from that. What runs lives on; where nothing has drifted, nothing is written.
    virtual Result<void> renew(sys::Effects& effects, const ProfileName& profile) = 0;
    /// Undoes `add`; the gateway is down already. Absent is success.
    virtual Result<void> remove(sys::Effects& effects, const ProfileName& profile) = 0;

    /// The command that shows the gateway's log; `logs` becomes it.
    struct LogRequest {
        bool follow = false;
        int lines = 100;
        std::optional<WallTime> since{}; ///< nothing older
    };
    [[nodiscard]] virtual Result<Argv> log_command(const ProfileName& profile,
                                                   const LogRequest& request) const = 0;
    /// The same for several, and with `since`; Errc::unsupported where the supervisor has none, and
    /// the logs are files.
    [[nodiscard]] virtual Result<Argv> merged_log_command(std::span<const ProfileName> profiles,
                                                          const LogRequest& request) const;
    /// Where a logger like s6-log keeps its files, with a stamp on each line. Errc::unsupported
    /// where the logs are kept in another way, Errc::not_found where there are none yet.
    [[nodiscard]] virtual Result<sys::Directory> log_directory(const ProfileName& profile) const;
};

} // namespace gw::supervise
