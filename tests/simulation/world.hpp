/// The machine: processes, their descriptors and signals, time, and the scheduler that draws who
/// goes on.
///
/// Every process is a fiber that runs code of the program, or of what stands for s6 and for a
/// gateway. Each simulated system call is a point at which any other process may go on, this one
/// may be killed, or the world may end (`World::point`). Nothing else switches, so a run is the
/// sequence of what was drawn.
#pragma once

#include "base/argv.hpp"
#include "files.hpp"

#include <boost/context/fiber.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::simulation {

/// Thrown through a process that is killed, or ends; nothing of the program catches it.
struct Gone {};

/// Whether the C library declares a call to throw nothing: through that one `Gone` must not pass. A
/// process that is killed in it goes on as a ghost, whose calls all fail and change nothing, until
/// it comes to another one.
enum class Call { may_throw, throws_nothing };

struct Process;
class World;

/// What the scheduler asks at every point.
enum class Turn { go_on, another, kill, cut_power, stall, step_clock, kill_somebody };

/// Who decides what happens: a seed, or the enumeration of all orders.
class Chance {
  public:
    Chance() = default;
    virtual ~Chance() = default;
    Chance(const Chance&) = delete;
    Chance& operator=(const Chance&) = delete;
    virtual Turn at_point(const World& world, const Process& process) = 0;
    /// Which of so many goes on; `current`: the one that would go on undisturbed, if it is among
    /// them.
    virtual std::size_t next_of(std::size_t count, std::optional<std::size_t> current) = 0;
    virtual std::uint64_t draw(std::uint64_t below) = 0;
};

/// What somebody waits for.
struct Wait {
    std::function<bool()> ready; ///< empty: only time
    Micros until = 0;
};

constexpr Micros for_ever = INT64_MAX;

struct Process {
    int pid = 0;
    int container = 0;
    int parent = 0;
    std::uint64_t start_ticks = 0;
    Argv argv;
    std::string what;                                        ///< for the story
    std::map<int, std::pair<OpenFilePtr, bool>> descriptors; ///< and whether exec closes it
    std::map<std::string, std::string> environment;
    InodePtr working_directory;

    bool alive = true;
    bool reaped = false;
    int exit_code = 0;
    int exit_signal = 0;

    bool reads_signals = false; ///< as events, instead of dying of them
    std::deque<int> signals;
    int parents_death_signal = 0;

    bool fragile = true; ///< may be killed by the scheduler
    std::function<void()> body;
    boost::context::fiber fiber;
    boost::context::fiber* caller = nullptr; ///< the scheduler, while this runs
    std::optional<Wait> wait;
    void* exceptions = nullptr; ///< of the C++ run-time, while another fiber runs
    unsigned int uncaught = 0;
};
using ProcessPtr = std::shared_ptr<Process>;

class World {
  public:
    explicit World(Chance& chance);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Files files;
    Chance& chance;

    // -- time
    [[nodiscard]] Micros now() const { return now_; }
    [[nodiscard]] Micros wall() const { return now_ + wall_offset_; }
    void step_wall_clock(Micros by);
    [[nodiscard]] const std::string& boot_id() const { return boot_id_; }

    // -- processes
    ProcessPtr spawn(int container, int parent, Argv argv, std::string what,
                     std::function<void()> body);
    [[nodiscard]] ProcessPtr find(int container, int pid) const;
    [[nodiscard]] const std::vector<ProcessPtr>& processes() const { return processes_; }
    /// Who runs now; nullptr: the scheduler itself.
    [[nodiscard]] Process* current() const { return current_; }
    void signal(Process& process, int number);
    void end(Process& process, int code, int number);

    // -- from within a process
    /// A system call begins: others may go on first. False: the process is dead, and the call does
    /// nothing.
    bool point(Call call = Call::may_throw);
    /// Goes on when it is ready, or at the time; false at the time.
    bool wait_for(std::function<bool()> ready, Micros until);
    void sleep(Micros span);
    [[noreturn]] void exit(int code);

    // -- the scheduler
    /// Until `done`, or nothing can happen any more, or that moment. False when it was not done.
    bool run_until(const std::function<bool()>& done, Micros until);
    /// Everything in the container is killed at once.
    void kill_container(int container);
    void cut_power();
    [[nodiscard]] bool power_was_cut() const { return power_cut_; }
    void power_is_back();

    [[nodiscard]] std::uint64_t steps() const { return steps_; }

    // -- the story
    void tell(std::string line);
    [[nodiscard]] const std::vector<std::string>& story() const { return story_; }
    bool keeps_story = false;
    /// Something that must never be; the first one counts.
    void violated(const std::string& rule);
    [[nodiscard]] const std::string& violation() const { return violation_; }

    /// Called whenever a process has ended.
    std::function<void(Process&)> on_end;
    std::uint64_t next_random();
    int adversities_left = 0; ///< kills, cuts, stalls and steps that may still come

  private:
    void resume(Process& process);
    void switch_out();
    /// False, or Gone: it does not.
    [[nodiscard]] bool lives_on(Call call) const;
    [[nodiscard]] bool is_runnable(const Process& process) const;
    void disturb(Process& process, Turn turn);
    void kill_somebody();
    void unwind(Process& process);
    void forget_dead();

    std::vector<ProcessPtr> processes_;
    std::map<int, int> next_pid_;
    Process* current_ = nullptr;
    Micros now_ = 3'600'000'000;
    Micros wall_offset_ = 1'700'000'000'000'000;
    std::string boot_id_;
    int boots_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t random_state_ = 1;
    bool power_cut_ = false;
    std::vector<std::string> story_;
    std::string violation_;
};

/// The one that the system calls act on; nullptr: the calls are the real ones.
World*& the_world();
/// The process that makes this call; nullptr: none of the simulation.
inline Process* caller() {
    auto* world = the_world();
    return world == nullptr ? nullptr : world->current();
}

} // namespace gw::simulation
