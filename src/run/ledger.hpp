/// What one life of a gateway writes to the volume. A write that fails (a full disk, a read-only
/// volume) is said loudly and never holds the life up: a shutdown must not depend on a disk.
#pragma once

#include "base/argv.hpp"
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
    Ledger(sys::Effects& effects, const sys::Directory& profile, const ProcessIdentity& self,
           std::string_view kind = "gatewayctl-run");

    /// The command runs: who holds the profile, the lifecycle record, `starting`. Consumes
    /// `.clean_shutdown`.
    void begin(const Argv& command, const ProcessIdentity& child, store::Arrival arrival);
    /// Writes `gateway_state`; never touches `desired_state`.
    void live(LiveState state);
    void stop_progress(store::StopProgress progress);
    void end(const Verdict& verdict, const ChildEnd& child, const std::string& detail);

    /// A marker of either kind that names this process or its child, taken from the volume.
    struct Note {
        MarkerSaid said = MarkerSaid::nothing;
        std::string who; ///< "gatewayctl stop (pid 12, uid 10000)"
    };
    Note take_marker();

    /// Whether the gateway has asked for its own restart in the state file.
    [[nodiscard]] bool restart_requested() const;

    /// False when a write has failed.
    [[nodiscard]] bool is_complete() const { return complete_; }

  private:
    [[nodiscard]] std::optional<Marker> take(MarkerKind kind);
    void edit_state(const std::function<void(Json&)>& edit);
    void warn(const char* what, const Result<void>& result);

    sys::Effects& effects_;
    const sys::Directory& profile_;
    ProcessIdentity self_;
    ProcessIdentity child_;
    std::string_view kind_; ///< of a state file that names none yet
    bool complete_ = true;
    Argv command_;
    store::PriorLife prior_;
    std::optional<sys::FileInfo> state_before_; ///< to tell the child's first write from an old one
    std::optional<std::uint64_t> oom_kills_before_;
};

} // namespace gw::run
