/// A gateway's slot under s6: `run` at the fence (run/fence_guard.hpp, the program's own), and the
/// gateway behind it, a model.
#pragma once

#include "run/fence_guard.hpp"
#include "world.hpp"

#include <optional>
#include <string>

namespace gw::fleet_simulation {

class Member;

class Slot {
  public:
    Slot(World& world, Member& member, std::string profile)
        : world_(world), member_(member), profile_(std::move(profile)) {}

    [[nodiscard]] const std::string& profile() const { return profile_; }
    [[nodiscard]] bool is_down() const { return state_ == State::down; }
    [[nodiscard]] bool lives() const {
        return state_ == State::running || state_ == State::draining;
    }
    [[nodiscard]] bool runs() const { return state_ == State::running; }

    // -- what s6 is told
    void up();
    void down();

    // -- what is done to it
    void stop_run() { run_stopped_ = true; }
    void continue_run();
    void kill_run();
    /// Everything of its member is gone at once.
    void vanish();

    // -- what its fence has the kernel do
    void set_alarm(BootTime at) { alarm_ = at; }
    void set_last_resort(BootTime at);

  private:
    enum class State { down, waiting, running, draining };

    void spawn();
    /// `run` gets its turn: in its poll's time, or woken by its alarm.
    void turn();
    void turn_after(Nanos span);
    void turn_at_alarm();
    void begin_drain();
    void end_life();
    void heed_last_resort();

    World& world_;
    Member& member_;
    std::string profile_;
    State state_ = State::down;
    bool wanted_up_ = false;
    bool run_stopped_ = false;
    std::optional<run::FenceGuard> guard_;
    BootTime alarm_{0};
    std::optional<BootTime> last_resort_;
    std::optional<Life> life_;
    unsigned life_number_ = 0; ///< what was planned for an earlier one is void
};

/// Whose fence is asked now.
Slot*& the_slot();

} // namespace gw::fleet_simulation
