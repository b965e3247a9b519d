/// One world from its first boot to its last, with everything that is judged on the way.
#pragma once

#include "belief.hpp"
#include "players.hpp"
#include "rules/settings.hpp"
#include "world.hpp"

#include <map>
#include <string>
#include <vector>

namespace gw::simulation {

/// A container on the volume.
struct Member {
    int container = 0;
    std::string scandir;
    Settings settings;
    ProcessPtr init{};
};

enum class Kind {
    container, ///< an own tree of s6
    host,      ///< units of systemd
    standby,   ///< two containers, of which one waits for the volume
};

/// What is drawn, or set, for a world.
struct Plan {
    Kind kind = Kind::container;
    std::vector<std::string> profiles = {"a"};
    std::string
        last_state{}; ///< of all of them, from a time without intents; empty: they have never run
    int boots = 2;
    int operations = 3;  ///< in each boot, at most
    int adversities = 2; ///< in all of it, at most
    bool second_member = false;
    bool foreign_writer = false;
    int crashes = 0;               ///< how many lives may end by themselves
    bool passes_are_typed = false; ///< boot passes beside operations
};

class Game {
  public:
    Game(World& world, Plan plan);
    ~Game();
    Game(const Game&) = delete;
    Game& operator=(const Game&) = delete;

    World& world;
    Plan plan;
    Member first;
    Member second;

    /// Plays all boots with what comes between them, and judges the end. The world knows of a
    /// violation.
    void play();

    // -- the parts of it, for scenarios
    void boot(Member& member);
    /// Types a verb in a container, within `latest` from now.
    ProcessPtr type(Member& member, Verb verb, const std::string& profile, Micros latest);
    /// Types a boot pass in the first container, within `latest` from now.
    void type_pass(Micros latest);
    /// A calm boot, these verbs at the same moment on a gateway that runs, and the judgement after
    /// another boot. `arm` hears when the verbs begin and when they have ended.
    void play_small(const std::vector<Verb>& verbs, const std::function<void(bool)>& arm);
    void stop_container(Member& member, Micros grace);
    /// The power goes when it is down, or at the end of the grace.
    void shut_down(Micros grace);
    /// A unit for each profile, but for those that are drawn to have none.
    void furnish();
    void judge_end();
    [[nodiscard]] Member& member_of(const Process& process);
    [[nodiscard]] int lives_of(const std::string& profile) const;
    /// Runs until everybody who types has ended.
    void until_typed();
    void rest(Micros span);

    // -- told by the players
    void gateway_begins(const std::string& profile);
    void gateway_crashed(const std::string& profile);
    [[nodiscard]] bool may_crash() const { return plan.crashes > 0; }
    int losses = 0;

  private:
    struct Typed {
        ProcessPtr process;
        std::string profile;
        int operation = 0;
        bool ended = false;
    };

    void one_boot();
    void forget_typed();
    void type_something();
    /// Types words that are about these profiles; `body` is what they do.
    ProcessPtr spawn_typed(const Member& where, const Argv& words,
                           const std::vector<std::string>& profiles, Micros latest,
                           const std::function<void()>& body);
    void play_typed_pass();
    void play_operation(const Member& member, Verb verb, const std::string& profile);
    void end_of_host();
    /// The owner is gone: the standby member has its turn.
    void end_of_owner();
    /// What the calling process has typed.
    [[nodiscard]] std::vector<Typed*> typed_by_caller();
    void play_foreign_writer(const std::string& profile);
    void end_of_boot();
    /// `lived`: when the stop was typed.
    void judge_stop(const std::string& profile, bool lived);
    /// Whether nothing has happened that could spoil a record.
    [[nodiscard]] bool is_calm() const;
    [[nodiscard]] bool says_stopped(const std::string& profile) const;
    void judge_up(bool of_this_life);
    void judge_files();
    void judge_parked();
    void judge_second_pass();
    /// `gatewayctl reconcile` in the first container, `install` of what is installed on a host.
    void play_pass(bool& done);

    std::map<std::string, Belief> beliefs_;
    std::vector<Typed> typed_;
    std::map<std::string, int> crashes_;
    bool furnished_ = false;
};

Game*& the_game();
/// The name of a profile's unit on a host.
std::string unit_of(const Settings& settings, const ProfileName& profile);

} // namespace gw::simulation
