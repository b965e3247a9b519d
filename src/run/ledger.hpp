/// What one life of a gateway writes to the volume. A write that fails (a full disk, a read-only
/// volume) is said loudly and never holds the life up: a shutdown must not depend on a disk.
///
/// The files name the gateway's own process, which is the command's; this one stands in fields of
/// its own (`front_pid`). A gateway that keeps its files itself finds itself in them, not somebody
/// else, and what it has written of itself stays.
#pragma once

#include "base/argv.hpp"
#include "rules/gateway_command.hpp"
#include "rules/marker.hpp"
#include "rules/verdict.hpp"
#include "store/lifecycle.hpp"
#include "store/run_lock.hpp"
#include "sys/effects.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw::run {

/// `gateway_state` while it lives; the words after the end are EndState's.
enum class LiveState { starting, running, degraded, draining };
std::string_view to_string(LiveState state);

class Ledger {
  public:
    /// `profile` outlives the ledger. Call before the command is started: what is on the volume now
    /// is of an earlier life.
    /// `running.gateway` is no process before one was started; a gateway that nobody stands in
    /// front of is both.
    Ledger(sys::Effects& effects, const sys::Directory& profile, const store::RunningPair& running,
           std::string_view kind = "gatewayctl-run");

    /// The command runs: who holds the profile, the lifecycle record, `starting`. Consumes
    /// `.clean_shutdown`.
    void begin(const Argv& command, const ProcessIdentity& child, store::Arrival arrival);
    /// The command is ready: `running`, unless the gateway itself has written how it is, and
    /// `gateway.pid`, unless it claims its profile itself. A parking is over.
    void ready();
    /// The gateway's state while it lives; never touches `desired_state`.
    void live(LiveState state);
    void stop_progress(store::StopProgress progress);
    void end(const Verdict& verdict, const ChildEnd& child, const std::string& detail);

    /// A marker of either kind that names this process or its child, taken from the volume.
    struct Note {
        MarkerSaid said = MarkerSaid::nothing;
        std::string who; ///< "gatewayctl stop (pid 12, uid 10000)"
    };
    Note take_marker();
    /// Writes the marker that was taken anew, for the child: a gateway that looks for markers
    /// itself must know as well that this end is planned.
    void hand_marker_on();
    /// Whether a planned stop that names this process waits to be taken. Looks, and changes
    /// nothing.
    [[nodiscard]] bool stop_is_marked() const;

    /// Whether the gateway has asked for its own restart in the state file.
    [[nodiscard]] bool restart_requested() const;

    /// False when a write has failed.
    [[nodiscard]] bool is_complete() const { return complete_; }

  private:
    struct Taken {
        MarkerKind kind;
        Marker marker;
    };
    [[nodiscard]] std::optional<Marker> take(MarkerKind kind);
    void edit_state(const std::function<void(Json&)>& edit);
    void name_processes(Json& file) const;
    [[nodiscard]] bool has_written_its_state() const;
    [[nodiscard]] bool names_this_front() const;
    [[nodiscard]] bool claims_for_itself() const;
    void warn(const char* what, const Result<void>& result);

    sys::Effects& effects_;
    const sys::Directory& profile_;
    store::RunningPair running_;
    std::string_view kind_; ///< of a state file that names none yet
    bool complete_ = true;
    Argv command_;
    std::optional<Taken> taken_; ///< and named this process, not the child
    PriorLife prior_;
    std::optional<sys::FileInfo> state_before_; ///< to tell the child's first write from an old one
    std::string written_at_; ///< `updated_at` of this one's last write of the state file
    std::optional<std::uint64_t> oom_kills_before_;
};

} // namespace gw::run
