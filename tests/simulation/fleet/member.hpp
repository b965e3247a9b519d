/// A member of the fleet: its agent, which is the program's own, its clock, its s6 with a slot for
/// each gateway, and what may be done to all of them.
#pragma once

#include "fleet/gateway_work.hpp"
#include "fleet/mirror.hpp"
#include "fleet/volume_work.hpp"
#include "rules/fence.hpp"
#include "rules/settings.hpp"
#include "slot.hpp"
#include "sys/system_effects.hpp"
#include "world.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::fleet_simulation {

class Member {
  public:
    Member(World& world, std::size_t index);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    [[nodiscard]] std::size_t index() const { return index_; }
    [[nodiscard]] std::string name() const { return "m" + std::to_string(index_); }
    [[nodiscard]] bool is_up() const { return is_up_; }
    [[nodiscard]] bool is_frozen() const { return frozen_; }
    [[nodiscard]] const std::string& fence_path() const { return fence_path_; }
    [[nodiscard]] const FleetSettings& settings() const { return settings_; }
    /// Grows when all of its processes are gone: what they still had in mind is void.
    [[nodiscard]] unsigned boots() const { return boots_; }

    // -- its clock, which neither a step of the wall clock nor a freeze touches
    [[nodiscard]] BootTime boot_time() const;
    [[nodiscard]] Nanos true_time_of(BootTime moment) const;

    // -- what is done to it
    void boot();
    void cut_power();
    void freeze();
    void thaw();
    void starve(Nanos span) { starved_until_ = world_.now() + span; }
    void kill_agent();
    void stop_agent() { agent_stopped_ = true; }
    void continue_agent();
    /// SIGTERM: it leaves in order.
    void leave();
    [[nodiscard]] std::vector<std::unique_ptr<Slot>>& slots() { return slots_; }

    /// How late a process gets its turn.
    Nanos lateness();
    /// Now, or when it goes on; never in a later boot.
    void when_awake(std::function<void()> what);

    // -- for its agent
    /// Does something in the agent's thread, at its next turn.
    void deliver(std::function<void()> what);
    /// The agent's next timer goes off then; of the kernel, by which Asio waits.
    void set_timer(std::chrono::nanoseconds from_now);

    // -- what `gatewayctl` does, in processes of its own
    using Done = std::function<void(bool)>;
    void reconcile(Done done);
    void drain(std::vector<std::string> profiles, Done done);

  private:
    struct Agent;
    void start_agent();
    void wake_at(Nanos when);
    void wake();
    [[nodiscard]] std::vector<std::string> places_here() const;
    void bring_up(const std::vector<std::string>& profiles);
    void look_at_drain(std::vector<Slot*> draining, Nanos limit, Done done);

    World& world_;
    std::size_t index_;
    double rate_;
    FleetSettings settings_;
    Settings host_; ///< as `gatewayctl` has them there
    std::string fence_path_;
    sys::SystemEffects effects_;
    std::optional<sys::Directory> fence_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::unique_ptr<Agent> agent_;
    std::deque<std::function<void()>> mailbox_;
    std::deque<std::function<void()>> postponed_;
    std::optional<Nanos> timer_;
    std::optional<Nanos> next_wake_;
    bool is_up_ = false;
    bool frozen_ = false;
    bool agent_stopped_ = false;
    Nanos starved_until_{0};
    unsigned boots_ = 0;
    unsigned agents_ = 0;
};

} // namespace gw::fleet_simulation
