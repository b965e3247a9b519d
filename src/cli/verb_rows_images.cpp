#include "base/error.hpp"
#include "cli/verb_rows.hpp"
#include "cli/verbs.hpp"
#include "rules/tree.hpp"

namespace gw::cli::rows {

namespace {

std::vector<Verb> of_the_tree() {
    return {
        {.name = "tree",
         .group = Group::images,
         .summary = "Run the gateways in a supervision tree of their user's own: boot pass, then "
                    "s6-svscan; nothing of it is root",
         .details = "As an image's entry point (also PID 1), as one service of an init, or as a "
                    "plain user. The scandir is " +
                    default_scandir(TreeKind::own) + " unless one is named.",
         .parameters = {{.name = "-d,--ready-fd",
                         .value_name = "FD",
                         .help = "Become s6-svscan, which writes a newline there when it listens "
                                 "(notification-fd of an s6 service); without it, stay in front",
                         .value = Value::integer}},
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl tree", "gatewayctl tree --ready-fd 3"},
         .touch = Touch::change,
         .privilege = Privilege::runner_of_own_tree,
         .function = tree},
    };
}

std::vector<Verb> of_container_hooks() {
    return {
        {.name = "drain",
         .group = Group::images,
         .summary = "Take every gateway down for the container's stop (cont-finish.d hook): in "
                    "parallel, bounded, intent untouched",
         .parameters = {{.name = "NAME",
                         .help = "Only these profiles; default: all",
                         .occurrence = Occurrence::repeatable,
                         .completer = Completer::profile},
                        timeout("what S6_KILL_FINISH_MAXTIME leaves a hook"),
                        flag("--until-pass", "The next reconcile brings up what is meant to run")},
         .exit_statuses = usual_statuses({exit_status::no_manager}),
         .examples = {"gatewayctl drain", "gatewayctl drain --timeout 30",
                      "gatewayctl drain --until-pass coder"},
         .touch = Touch::change,
         .privilege = Privilege::runner_with_scandir,
         .function = drain},
        {.name = "prepare",
         .group = Group::images,
         .summary = "Let the gateways' user query and control the image's static services (the "
                    "015-supervise-perms hook, as root)",
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl prepare"},
         .touch = Touch::change,
         .function = prepare},
        {.name = "log-relay",
         .group = Group::hidden,
         .summary = "The logger of a slot: a gateway never hangs in a write to it",
         .parameters = {{.name = "--directory",
                         .value_name = "DIR",
                         .help = "Where s6-log keeps the log; without it, -- LOGGER",
                         .completer = Completer::directory}},
         .command_name = "LOGGER",
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl -p coder log-relay --directory /opt/data/logs/gateways/coder",
                      "gatewayctl log-relay -- s6-log -b n10 s1000000 T /var/log/coder"},
         .touch = Touch::record,
         .function = log_relay},
    };
}

std::vector<Verb> of_slot_scripts() {
    return {
        {.name = "before-start",
         .group = Group::hidden,
         .summary = "For a slot's run script: ends the life that a killed supervisor has left",
         .parameters = {{.name = "stat",
                         .help = "The line of /proc/PID/stat that the earlier run has noted",
                         .occurrence = Occurrence::required}},
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl -p coder before-start \"$(cat life)\""},
         .touch = Touch::change,
         .function = before_start},
        {.name = "after-exit",
         .group = Group::hidden,
         .summary = "For a slot's finish script: 125 when the gateway must not start again",
         .parameters = {{.name = "code",
                         .help = "Exit code of run, 256 after a signal",
                         .value = Value::integer,
                         .occurrence = Occurrence::required},
                        {.name = "signal", .help = "That signal", .value = Value::integer}},
         .exit_statuses = {{exit_status::done, "start it again"},
                           {exit_status::some_failed, "the death could not be counted"},
                           {permanent_failure, "do not start it again"}},
         .examples = {"gatewayctl -p coder after-exit 78"},
         .touch = Touch::record,
         .function = after_exit},
    };
}

std::vector<Verb> of_unit_hooks() {
    return {
        {.name = "unit-start",
         .group = Group::hidden,
         .summary = "ExecCondition of a unit: not when it is parked",
         .exit_statuses = {{exit_status::done, "start it"},
                           {exit_status::some_failed, "skip this start"}},
         .examples = {"gatewayctl -p coder unit-start"},
         .function = unit_start},
        {.name = "unit-stop",
         .group = Group::hidden,
         .summary = "ExecStop of a unit: marks the stop as planned, unless the machine goes down",
         .parameters = {{.name = "--pid",
                         .value_name = "PID",
                         .help = "The gateway ($MAINPID)",
                         .value = Value::integer,
                         .occurrence = Occurrence::required}},
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl -p coder unit-stop --pid 4711"},
         .touch = Touch::record,
         .function = unit_stop},
        {.name = "unit-exit",
         .group = Group::hidden,
         .summary = "ExecStopPost of a unit: counts the deaths",
         .parameters = {{.name = "--unit",
                         .value_name = "UNIT",
                         .help = "The unit that has ended (%n)"},
                        {.name = "words",
                         .help = "$EXIT_CODE $EXIT_STATUS",
                         .occurrence = Occurrence::repeatable}},
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl -p coder unit-exit --unit gateway-coder.service exited 78"},
         .touch = Touch::record,
         .function = unit_exit},
    };
}

std::vector<Verb> of_svscan_scripts() {
    return {
        {.name = "before-stop",
         .group = Group::hidden,
         .summary = "For s6-svscan's SIGTERM: no slot of its own tree runs its finish any more",
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl before-stop"},
         .touch = Touch::change,
         .function = before_stop},
        {.name = "after-stop",
         .group = Group::hidden,
         .summary = "For s6-svscan's finish: records how the gateways of its tree have ended",
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl after-stop"},
         .touch = Touch::record,
         .function = after_stop},
    };
}

/// A process's share in the volume.
std::vector<Verb> of_shares() {
    return {
        {.name = "keep-volume",
         .group = Group::hidden,
         .summary = "The service that has this container's share in the volume, or waits for it",
         .parameters = {{.name = "--ready-fd",
                         .value_name = "FD",
                         .help = "Where it writes a newline when it has it, or waits",
                         .value = Value::integer}},
         .exit_statuses = {{exit_status::done, "there is nothing to keep"},
                           {exit_status::some_failed, "the boot pass failed"}},
         .examples = {"gatewayctl keep-volume --ready-fd 3"},
         .touch = Touch::change,
         .function = keep_volume},
        {.name = "join",
         .group = Group::hidden,
         .summary = "Becomes the command, with a share in the volume; 75 where another container "
                    "owns it",
         .command_name = "COMMAND",
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl join -- hermes gateway run"},
         .touch = Touch::record,
         .function = join},
    };
}

} // namespace

std::span<const Chapter> of_images() {
    static constexpr std::array chapters = {
        Chapter{{"tree"}, of_the_tree},
        Chapter{{"before-stop", "after-stop"}, of_svscan_scripts},
        Chapter{{"keep-volume", "join"}, of_shares},
        Chapter{{"drain", "prepare", "log-relay"}, of_container_hooks},
        Chapter{{"before-start", "after-exit"}, of_slot_scripts},
        Chapter{{"unit-start", "unit-stop", "unit-exit"}, of_unit_hooks},
    };
    return chapters;
}

} // namespace gw::cli::rows
