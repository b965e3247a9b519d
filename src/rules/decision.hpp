/// The reconciler's decision: what a profile's files say becomes a slot up or down, and why.
/// Pure: no system call, no clock.
#pragma once

#include "base/profile_name.hpp"
#include "rules/gateway_state.hpp"
#include "rules/intent.hpp"
#include "rules/owner.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// How the last life of the gateway ended, from its lifecycle record.
enum class PriorExit { unknown, clean, unclean };
std::string_view to_string(PriorExit exit);

/// What is known about one profile before the decision.
struct ProfileFacts {
    FileAnswer state_answer = FileAnswer::absent;
    std::string state_problem;              ///< why the state file is unreadable or corrupt
    GatewayState state;                     ///< meaningful when state_answer is ok
    std::optional<std::string> copied_from; ///< the profile of which state or intent file are
    Intent intent;
    std::optional<std::string> placed_elsewhere; ///< its place in the fleet is not this member's
    std::optional<std::string> parked;           ///< the reason it was parked for
    std::optional<std::string> unregistered;     ///< by whom and when, for people
    bool registered_again = false; ///< it was unregistered, and another tool has started it since
    PriorExit prior_exit = PriorExit::unknown;
    std::string prior_exit_detail; ///< "signal 9, oom", when known
};

/// What is known about the container as a whole.
struct ContainerFacts {
    std::optional<std::string> foreign_owner; ///< who holds this volume, if it is not us
    Guard guard = Guard::lock;                ///< by what
    bool runs_gateways = true;                ///< false: role none, or the dashboard command
    bool multiplex = false;                   ///< one root gateway serves every profile
    bool legacy_gateway_command = false;      ///< the container's command is `gateway run`
    std::string legacy_profile = "default";   ///< the one that this command names
    bool first_boot_seed = false;             ///< HERMES_GATEWAY_BOOTSTRAP_STATE=running
};

/// A slot that is up or down, or none; or not touched at all.
enum class SlotGoal { up, down, absent, untouched };
std::string_view to_string(SlotGoal goal);
/// Whether the slot is to be there, up or down.
inline bool has_slot(SlotGoal goal) {
    return goal == SlotGoal::up || goal == SlotGoal::down;
}

/// Which row of the table decided. The order is the order of the rows: first match wins.
enum class Reason {
    unregistered,
    foreign_owner,
    role,
    multiplexed,
    unreadable,
    corrupt,
    parked,
    intent,
    intent_unknown,
    last_state,
    legacy_command,
    first_boot_seed,
    no_state,
};
std::string_view to_string(Reason reason);

/// One row of the table that was looked at, and what was found there.
struct Evidence {
    int row = 0; ///< its number in the table
    Reason reason = Reason::no_state;
    bool matched = false;
    std::string value; ///< for people; bytes from the volume in it are not printable yet
};

struct Decision {
    SlotGoal goal = SlotGoal::down;
    Reason reason = Reason::no_state;
    /// Not what the operator would expect in silence: said on stderr and in the report.
    bool loud = false;
    /// Not empty: it is brought up without an intent, so the intent "running" is written, with
    /// this origin. From then on the intent decides, whatever becomes of the life that begins.
    std::string_view intent_origin;
    std::string detail; ///< for people: the offending word, the owner, the problem
    /// Every row down to the one that decided, which is the last and the only one that matched.
    std::vector<Evidence> evidence;
};

/// The decision table. First match wins:
///
/// | # | found                                              | goal      | reason            |
/// |---|----------------------------------------------------|-----------|-------------------|
/// | 0 | unregistered, and since then not registered or    | absent    | unregistered      |
/// |   | started                                            |           |                   |
/// | 1 | another container owns the volume, or has the      | down      | foreign-owner     |
/// |   | place of this gateway                              |           |                   |
/// | 2 | this container does not run gateways               | untouched | role              |
/// | 3 | multiplex on, and this is a named profile          | down      | multiplexed       |
/// | 4 | state file unreadable, no intent file answers      | down      | unreadable        |
/// | 5 | state file corrupt, no intent file answers         | down      | corrupt           |
/// | 6 | parked                                             | down      | parked            |
/// | 7 | intent running                                     | up        | intent            |
/// | 8 | intent stopped                                     | down      | intent            |
/// | 9 | intent is neither                                  | down      | intent-unknown    |
/// |10 | no intent; last state running, draining, degraded, | up        | last-state        |
/// |   | or stopped for a restart that has not come, or     |           |                   |
/// |   | starting after one of these                        |           |                   |
/// |11 | no intent; any other last state                    | down      | last-state        |
/// |12 | no state file, the profile of the container's      | up        | legacy-command,   |
/// |   | `gateway run`, or default and the seed             |           | first-boot-seed   |
/// |13 | no state file                                      | down      | no-state          |
///
/// Rows 10 and 12 bring a gateway up on the boot's own judgement: that becomes an intent, with the
/// origin "adopted" for row 10 and that of its reason for row 12.
Decision decide(const ContainerFacts& container, const ProfileFacts& profile,
                const ProfileName& name);

} // namespace gw
