/// One life of the command: from its start to the verdict.
#pragma once

#include "run/fence_guard.hpp"
#include "run/gateway_run.hpp"
#include "run/ledger.hpp"
#include "run/readiness.hpp"
#include "sys/child.hpp"
#include "sys/clock.hpp"

#include <optional>
#include <string>

namespace gw::run {

/// What a life ended with.
struct LifeOutcome {
    Verdict verdict;
    /// Nobody wanted it to stay down: with no supervisor the command may be started again in place.
    bool may_restart_in_place = false;
};

class Life {
  public:
    Life(const RunOptions& options, const sys::Directory& profile, sys::Effects& effects,
         sys::SignalEvents& signals, Readiness& readiness, store::Arrival arrival,
         FenceGuard* fence);

    LifeOutcome live();

  private:
    /// False when a stop has come before there was a child.
    bool may_start();
    /// False when the command cannot be executed.
    bool start();
    void watch();
    void wait_for_news();
    /// A planned stop may come as a marker alone.
    void heed_marker();
    /// False when nothing of the gateway may live any more, and nothing does.
    bool heed_fence();
    void note_fenced();
    void take_signals();
    void on_signal(const sys::SignalEvents::Event& event);
    void on_stop(StopSignal kind, const sys::SignalEvents::Event& event);
    void on_restart_request();
    void begin_stop(int forwarded);
    void reap_all();
    void sweep();
    void kill_all();
    bool sweep_with(int number, milliseconds patience);
    void forward(const sys::SignalEvents::Event& event);
    LifeOutcome finish();
    void record(const Verdict& verdict, const std::string& detail);
    [[nodiscard]] std::string describe(const Verdict& verdict) const;
    void take_marker();

    const RunOptions& options_;
    sys::SignalEvents& signals_;
    Readiness& readiness_;
    Ledger ledger_;
    store::Arrival arrival_;
    FenceGuard* fence_; ///< nullptr: none stands around this gateway

    std::optional<Pid> child_; ///< while it lives
    EndOfLife end_;
    int stop_signal_ = 0; ///< the first one, for the record
    std::string asked_by_;
    std::string fenced_why_;
    bool stopping_ = false;
    sys::Deadline marker_look_; ///< the next look for a marker
    bool was_marked_ = false;   ///< at the last one
    std::optional<sys::Deadline> drain_;
    seconds drain_timeout_ = default_drain_timeout;
};

} // namespace gw::run
