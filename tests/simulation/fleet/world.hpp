/// The world of a fleet: its time, what happens next, who takes part, and what must never be.
///
/// The agents, their client of etcd and the fence of each gateway are the program's own; etcd, the
/// network between them, s6 and the gateways are models, each as hostile as the real one may be.
/// Everything happens in one thread, in the order that the seed makes.
#pragma once

#include "etcd_model.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

namespace gw::fleet_simulation {

/// Of the one true clock, since the world began; each member's own clock runs at its own rate.
using Nanos = std::chrono::nanoseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : engine_() % bound; }
    bool chance(unsigned percent) { return below(100) < percent; }
    Nanos between(Nanos least, Nanos most) {
        const auto span = static_cast<std::uint64_t>((most - least).count());
        return least + Nanos(static_cast<Nanos::rep>(below(span + 1)));
    }

  private:
    std::mt19937_64 engine_;
};

class Member;
class Network;

/// One life of a gateway.
struct Life {
    std::size_t member = 0;
    std::string profile;
    std::int64_t token = 0;
};

class World {
  public:
    World(std::uint64_t seed, bool keeps_story);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// All of it: joins, faults, the end of all faults, and the judgement.
    void play();

    Dice dice;
    EtcdModel etcd;
    std::unique_ptr<Network> network;
    std::vector<std::unique_ptr<Member>> members;
    std::vector<std::string> profiles;
    seconds ttl{5};
    bool by_gateway = false; ///< spread: gateway
    std::string scratch;     ///< a directory of its own on a tmpfs

    [[nodiscard]] Nanos now() const { return now_; }
    void at(Nanos when, std::function<void()> what);
    void after(Nanos span, std::function<void()> what) { at(now_ + span, std::move(what)); }

    // -- what must hold
    void life_begins(const Life& life);
    void life_ends(const Life& life);
    void violated(const std::string& rule);
    [[nodiscard]] const std::string& violation() const { return violation_; }

    void tell(const std::string& line);
    [[nodiscard]] const std::vector<std::string>& story() const { return story_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    [[nodiscard]] Nanos settled() const { return settled_; }

  private:
    struct Event {
        Nanos when;
        std::uint64_t number;
        std::function<void()> what;
        bool operator<(const Event& other) const {
            return when != other.when ? when > other.when : number > other.number;
        }
    };

    void run_until(Nanos end);
    void watch_leases();
    void heed_change(const EtcdModel::Change& change);
    void adversity();
    void harm_member(Member& member);
    void harm_etcd();
    void operate();
    void mend_all();
    [[nodiscard]] bool is_settled() const;

    std::priority_queue<Event> events_;
    std::uint64_t numbers_ = 0;
    std::uint64_t steps_ = 0;
    Nanos now_{0};
    Nanos settled_{0};
    std::vector<Life> living_;
    std::vector<Life> past_;
    bool keeps_story_;
    std::vector<std::string> story_;
    std::string violation_;
};

/// The world in which everything happens; never null while one is played.
World*& the_world();
/// Whose code runs now; null: nobody's.
Member*& the_member();

} // namespace gw::fleet_simulation
