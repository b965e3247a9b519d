// The verbs of people who only want to know.
#include "base/error.hpp"
#include "cli/verb_rows.hpp"
#include "cli/verbs.hpp"
#include "supervise/manager.hpp"

#include <iterator>

namespace gw::cli::rows {

namespace {

constexpr double most_log_lines = 1'000'000;

std::vector<Verb> of_overviews() {
    return {
        {.name = "status",
         .summary = "Show what the supervisor, the operator and the gateway say; exits with 3 when "
                    "one is not running, 4 when one is not registered",
         .details =
             "Without NAME everything on the volume is shown, trouble first; the exit status "
             "counts what is registered.",
         .parameters = {{.name = "NAME",
                         .help = "Profiles; default: everything on the volume",
                         .occurrence = Occurrence::repeatable,
                         .completer = Completer::profile},
                        flag("-w,--watch", "Show it again every second, until Ctrl-C"),
                        flag("--failed", "Only what is not as its operator wants it"),
                        {.name = "-o,--output",
                         .value_name = "FORMAT",
                         .help = "wide: every column, in lines of any length",
                         .choices = {"wide"}}},
         .exit_statuses = usual_statuses(
             {exit_status::not_running, exit_status::not_registered, exit_status::no_manager}),
         .examples = {"gatewayctl status", "gatewayctl status --failed",
                      "gatewayctl --json status coder"},
         .function = status},
        {.name = "list",
         .summary = "List profiles, registered or not",
         .exit_statuses = usual_statuses({exit_status::no_manager}),
         .examples = {"gatewayctl list"},
         .function = list},
    };
}

std::vector<Verb> of_answers() {
    return {
        {.name = "explain",
         .summary =
             "Say why a gateway is up or down now, what the next boot does, and what changes it",
         .parameters = {{.name = "NAME",
                         .help = "The profile, or what should be one; default: -p, else 'default'",
                         .completer = Completer::profile}},
         .exit_statuses = usual_statuses({exit_status::no_manager}),
         .examples = {"gatewayctl explain coder"},
         .function = explain},
        {.name = "health",
         .summary = "Say in one line whether every gateway is as its operator wants it; exits with "
                    "1 when one is not (for HEALTHCHECK and probes)",
         .parameters = {{.name = "NAME",
                         .help = "Profiles; default: everything on the volume",
                         .occurrence = Occurrence::repeatable,
                         .completer = Completer::profile}},
         .exit_statuses = usual_statuses({exit_status::no_manager}),
         .examples = {"gatewayctl health", "gatewayctl health coder"},
         .function = health},
        {.name = "wait",
         .summary = "Wait until gateways are up, ready or down",
         .parameters = {names(),
                        {.name = "--for",
                         .value_name = "STATE",
                         .help = "up, ready or down",
                         .default_text = "ready",
                         .choices = awaited_words()},
                        timeout("60 s; for down as long as a stop")},
         .exit_statuses = usual_statuses({exit_status::no_manager, exit_status::timed_out}),
         .examples = {"gatewayctl wait coder --for ready --timeout 30"},
         .function = wait},
    };
}

std::vector<Verb> of_logs_and_manager() {
    return {
        {.name = "logs",
         .summary = "Show the log of a gateway",
         .parameters = {{.name = "NAME",
                         .help = "The profile; default: -p, else 'default'",
                         .completer = Completer::profile},
                        flag("-f,--follow", "Go on as it grows"),
                        {.name = "-n,--lines",
                         .value_name = "N",
                         .help = "How many lines",
                         .value = Value::integer,
                         .default_text =
                             std::to_string(supervise::ServiceManager::LogRequest{}.lines),
                         .at_most = most_log_lines}},
         .exit_statuses = usual_statuses({exit_status::no_manager}),
         .examples = {"gatewayctl logs -f coder"},
         .function = logs},
        {.name = "detect",
         .summary = "Say which supervisor is in charge",
         .exit_statuses = usual_statuses({exit_status::no_manager}),
         .examples = {"gatewayctl detect"},
         .function = detect},
    };
}

} // namespace

std::vector<Verb> of_looking() {
    std::vector<Verb> all;
    for (auto more : {of_overviews(), of_answers(), of_logs_and_manager()}) {
        std::move(more.begin(), more.end(), std::back_inserter(all));
    }
    return all;
}

} // namespace gw::cli::rows
