// The verbs of who runs gateways on several machines: gatewayctl-fleet carries them out.
#include "base/error.hpp"
#include "cli/verb_rows.hpp"

namespace gw::cli::rows {

namespace {

constexpr OtherProgram by_fleet{"gatewayctl-fleet",
                                "install gatewayctl-fleet beside gatewayctl, or in PATH: only a "
                                "fleet needs it"};

Parameter one_member() {
    return {.name = "MEMBER",
            .help = "The name of a member, as fleet status shows it",
            .occurrence = Occurrence::required};
}

std::vector<Verb> of_its_operators() {
    return {
        {.parent = "fleet",
         .name = "drain",
         .summary =
             "Have a member give away what it has: its gateways end there first, and it takes "
             "nothing until it is uncordoned",
         .parameters = {one_member(), timeout("from the drain timeout")},
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl fleet drain web-1"},
         .touch = Touch::change,
         .function = by_fleet},
        {.parent = "fleet",
         .name = "move",
         .summary =
             "Give the place of a gateway to a member, for good; without MEMBER the placement "
             "decides again",
         .parameters = {{.name = "PROFILE",
                         .help = "The profile",
                         .occurrence = Occurrence::required,
                         .completer = Completer::profile},
                        {.name = "MEMBER", .help = "The name of a member that lives"},
                        timeout("from the drain timeout")},
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl fleet move mail web-1", "gatewayctl fleet move mail"},
         .touch = Touch::change,
         .function = by_fleet},
        {.parent = "fleet",
         .name = "cordon",
         .summary = "Have a member take nothing new; what it has stays",
         .parameters = {one_member()},
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl fleet cordon web-1"},
         .touch = Touch::change,
         .function = by_fleet},
        {.parent = "fleet",
         .name = "uncordon",
         .summary = "The end of a cordon, and of a drain",
         .parameters = {one_member()},
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl fleet uncordon web-1"},
         .touch = Touch::change,
         .function = by_fleet},
    };
}

std::vector<Verb> of_its_members() {
    return {
        {.parent = "fleet",
         .name = "status",
         .summary = "Show the members of the fleet and what they have; exits with 1 when nobody "
                    "has what somebody could have",
         .parameters = {{.name = "NAME",
                         .help = "Which member has each of these gateways, instead",
                         .occurrence = Occurrence::repeatable,
                         .completer = Completer::profile},
                        timeout("5")},
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl fleet status", "gatewayctl fleet status mail",
                      "gatewayctl --json fleet status"},
         .function = by_fleet},
        {.parent = "fleet",
         .name = "doctor",
         .summary = "What doctor looks at in a member of a fleet: each member of etcd, "
                    "certificates, clocks, this member's lease",
         .parameters = {timeout("5")},
         .exit_statuses =
             doctor_statuses({{exit_status::bad_config, "this member belongs to no fleet"}}),
         .examples = {"gatewayctl fleet doctor"},
         .function = by_fleet},
    };
}

/// What members do for each other, and for themselves.
std::vector<Verb> of_its_agents() {
    return {
        {.parent = "fleet",
         .name = "ask",
         .summary = "What start, stop and restart do with a gateway that another member has: asks "
                    "that one, and waits for its answer",
         .parameters = {{.name = "VERB",
                         .help = "What is asked for",
                         .occurrence = Occurrence::required,
                         .choices = {"start", "stop", "restart"}},
                        {.name = "NAME",
                         .help = "The profile",
                         .occurrence = Occurrence::required,
                         .completer = Completer::profile},
                        timeout("from the drain timeout"),
                        flag("--no-wait", "Only until the supervisor there has the command"),
                        flag("--force", "SIGKILL what still lives at the deadline"),
                        {.name = "--reason",
                         .value_name = "TEXT",
                         .help = "Why, in your words: kept with the intent"}},
         .exit_statuses = usual_statuses(
             {exit_status::not_registered, exit_status::no_manager, exit_status::timed_out}),
         .examples = {"gatewayctl fleet ask stop mail"},
         .touch = Touch::change,
         .function = by_fleet},
        {.parent = "fleet",
         .name = "agent",
         .summary = "The service that keeps this member in its fleet, as long as the tree lives",
         .parameters = {{.name = "--ready-fd",
                         .value_name = "FD",
                         .help = "Where it writes a newline when it has begun",
                         .value = Value::integer}},
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl fleet agent --ready-fd 3"},
         .touch = Touch::change,
         .function = by_fleet},
    };
}

} // namespace

std::span<const Chapter> of_fleets() {
    static constexpr std::array chapters = {Chapter{{"fleet"}, of_its_members},
                                            Chapter{{"fleet"}, of_its_operators},
                                            Chapter{{"fleet"}, of_its_agents}};
    return chapters;
}

} // namespace gw::cli::rows
