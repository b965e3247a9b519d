#include "base/error.hpp"
#include "cli/verb_rows.hpp"
#include "cli/verbs.hpp"

namespace gw::cli::rows {

namespace {

Parameter kind() {
    return {.name = "--kind",
            .value_name = "KIND",
            .help = "planned-stop (the default) or takeover",
            .choices = {"planned-stop", "takeover"}};
}

Parameter pid(std::string help) {
    return {.name = "--pid", .value_name = "PID", .help = std::move(help), .value = Value::integer};
}

std::vector<ExitStatus> statuses(std::string done, std::string no) {
    return {{exit_status::done, std::move(done)},
            {exit_status::some_failed, std::move(no)},
            {exit_status::no_answer, "no answer could be had"},
            {exit_status::usage, "usage"},
            {exit_status::not_permitted, "not permitted"},
            {exit_status::bad_config, "bad configuration"}};
}

std::vector<Verb> of_markers() {
    const std::string asker = "Who I am (default: the calling process)";
    return {
        {.parent = "marker",
         .name = "write",
         .group = Group::gateways,
         .summary = "Write it; then signal the process",
         .parameters = {kind(),
                        pid("The process that is to be stopped"),
                        {.name = "--reason", .value_name = "WORD", .help = "stop, restart, …"}},
         .exit_statuses = statuses("written", "never"),
         .examples = {"gatewayctl -p coder marker write --pid 4711 --reason restart"},
         .touch = Touch::record,
         .function = marker_write},
        {.parent = "marker",
         .name = "consume",
         .group = Group::gateways,
         .summary = "Exit 0 and remove it when it names me; 1 when it does not",
         .parameters = {kind(), pid(asker)},
         .exit_statuses = statuses("it names me and is removed", "it does not name me"),
         .examples = {"gatewayctl marker consume && echo planned"},
         .touch = Touch::record,
         .function = marker_consume},
        {.parent = "marker",
         .name = "show",
         .group = Group::gateways,
         .summary = "Look without removing; 1 when there is none",
         .parameters = {kind(), pid(asker)},
         .exit_statuses = statuses("there is one", "there is none"),
         .examples = {"gatewayctl -p coder marker show"},
         .function = marker_show},
        {.parent = "marker",
         .name = "clear",
         .group = Group::gateways,
         .summary = "Remove it",
         .parameters = {kind()},
         .exit_statuses = statuses("it is not there", "never"),
         .examples = {"gatewayctl -p coder marker clear"},
         .touch = Touch::record,
         .function = marker_clear},
    };
}

std::vector<ExitStatus> record_statuses(std::string done) {
    return {{exit_status::done, std::move(done)},
            {exit_status::some_failed, "not all of it could be recorded"},
            {exit_status::usage, "usage"},
            {exit_status::not_permitted, "not permitted"},
            {exit_status::bad_config, "bad configuration"}};
}

/// What follows from a cause is the same as behind `run`.
Verb state_end_row(const std::string& whose) {
    return {.parent = "state",
            .name = "end",
            .group = Group::gateways,
            .summary = "Record the end of its life, and print the code that it has to exit with",
            .details =
                "What is recorded, and the code, follow from the cause as behind `run`: after an "
                "unmarked signal (the stop of a container) the gateway counts as running, and "
                "comes back.",
            .parameters = {{.name = "CAUSE",
                            .help = "planned-stop, takeover, restart: what the marker said; "
                                    "unmarked-signal: it said nothing; finished: by itself",
                            .occurrence = Occurrence::required,
                            .choices = cause_words()},
                           pid(whose),
                           {.name = "--exit-code",
                            .value_name = "N",
                            .help = "The code with which it would end by itself (0)",
                            .value = Value::integer},
                           flag("--drain-timed-out", "Its work did not end in time"),
                           {.name = "--reason",
                            .value_name = "TEXT",
                            .help = "Why, in its words: kept with the record"}},
            .exit_statuses = record_statuses("recorded, and the code is printed"),
            .examples = {"gatewayctl state end unmarked-signal",
                         "gatewayctl state end finished --exit-code 3"},
            .touch = Touch::record,
            .function = state_end};
}

std::vector<Verb> of_states() {
    const std::string whose = "The gateway's process (default: the calling process)";
    return {
        {.parent = "state",
         .name = "set",
         .group = Group::gateways,
         .summary = "Record the state of a gateway that handles its own signals, as `run` would",
         .parameters = {{.name = "STATE",
                         .help = "starting begins a life; draining is the first word of a stop",
                         .occurrence = Occurrence::required,
                         .choices = state_words()},
                        pid(whose)},
         .exit_statuses = record_statuses("recorded"),
         .examples = {"gatewayctl state set starting", "gatewayctl -p coder state set running"},
         .touch = Touch::record,
         .function = state_set},
        state_end_row(whose),
        {.parent = "state",
         .name = "show",
         .group = Group::gateways,
         .summary = "Show what is recorded; 1 when nothing is",
         .exit_statuses = record_statuses("there is a record"),
         .examples = {"gatewayctl -p coder --json state show"},
         .function = state_show},
    };
}

std::vector<Verb> of_run() {
    return {
        {.name = "run",
         .group = Group::gateways,
         .summary = "Run a command as the gateway of a profile: -- COMMAND",
         .details = "Ends with the exit code that the supervisor has to see: that of the command, "
                    "except where a stop was asked for.",
         .parameters = {flag("--replace", "Take the place of this profile's live gateway"),
                        {.name = "--drain-timeout",
                         .value_name = "SECONDS",
                         .help =
                             "Seconds the command may take to finish (GATEWAYCTL_DRAIN_TIMEOUT)"},
                        {.name = "--ready-after",
                         .value_name = "MS|notify",
                         .help = "Milliseconds until a silent command counts as ready (1000); "
                                 "'notify': only its own word counts"},
                        {.name = "--notification-fd",
                         .value_name = "FD",
                         .help = "Descriptor on which s6 expects the news (3 in a slot)",
                         .value = Value::integer}},
         .command_name = "COMMAND",
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl run -- my-gateway --port 8080",
                      "gatewayctl -p coder run --replace --drain-timeout 180 -- my-gateway"},
         .touch = Touch::record,
         .function = run},
    };
}

} // namespace

std::span<const Chapter> of_gateways() {
    static constexpr std::array chapters = {
        Chapter{{"run"}, of_run},
        Chapter{{"marker"}, of_markers},
        Chapter{{"state"}, of_states},
    };
    return chapters;
}

} // namespace gw::cli::rows
