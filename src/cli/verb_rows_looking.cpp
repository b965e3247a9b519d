// The verbs of people who only want to know.
#include "base/error.hpp"
#include "cli/verb_rows.hpp"
#include "cli/verbs.hpp"
#include "supervise/manager.hpp"

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
        {.name = "doctor",
         .summary = "Look at everything that may be wrong: machine, volume, profiles, times, "
                    "and the fleet where there is one",
         .details = "Each finding has the command that mends it. --fix does what is safe, after it "
                    "was shown: it ends no process and loses no word of an operator.",
         .parameters = {flag("--fix", "Mend what can be mended safely")},
         .exit_statuses = doctor_statuses(),
         .examples = {"gatewayctl doctor", "gatewayctl doctor --fix"},
         .touch = Touch::record,
         .function = doctor},
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

std::vector<Verb> of_records() {
    return {
        {.name = "history",
         .summary = "Show what gateways were over time: up, draining, down, crashed, parked",
         .parameters = {{.name = "NAME",
                         .help = "The profile; default: all of them, a line each",
                         .completer = Completer::profile},
                        {.name = "--html",
                         .value_name = "FILE",
                         .help = "Write it as a page for a browser, in one file"}},
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl history", "gatewayctl history coder",
                      "gatewayctl history --html history.html"},
         .touch = Touch::record,
         .function = history},
        {.name = "metrics",
         .summary = "Print what status knows for Prometheus",
         .parameters = {{.name = "--file",
                         .value_name = "FILE",
                         .help = "Write it there, whole or not at all (for the node exporter's "
                                 "textfile collector)"}},
         .exit_statuses = usual_statuses({exit_status::no_manager}),
         .examples = {"gatewayctl metrics",
                      "gatewayctl metrics --file /var/lib/node_exporter/gateways.prom"},
         .touch = Touch::record,
         .function = metrics},
    };
}

std::vector<Verb> of_logs_and_manager() {
    return {
        {.name = "logs",
         .summary = "Show the logs of gateways, several of them merged by time",
         .parameters = {{.name = "NAME",
                         .help = "Profiles; default: -p, else 'default'",
                         .occurrence = Occurrence::repeatable,
                         .completer = Completer::profile},
                        flag("-f,--follow", "Go on as they grow"),
                        {.name = "-n,--lines",
                         .value_name = "N",
                         .help = "How many lines at most",
                         .value = Value::integer,
                         .default_text =
                             std::to_string(supervise::ServiceManager::LogRequest{}.lines),
                         .at_most = most_log_lines},
                        {.name = "--since",
                         .value_name = "TIME",
                         .help = "Nothing older: 90s, 10m, 2h, 3d, or a time of RFC 3339"},
                        {.name = "--previous",
                         .help = "Only the life before this one; of one that is down, the last one",
                         .value = Value::none,
                         .excludes = "--follow"}},
         .exit_statuses = usual_statuses({exit_status::no_manager}),
         .examples = {"gatewayctl logs -f coder", "gatewayctl logs coder mail --since 10m",
                      "gatewayctl logs --previous coder"},
         .function = logs},
        {.name = "detect",
         .summary = "Say which supervisor is in charge",
         .exit_statuses = usual_statuses({exit_status::no_manager}),
         .examples = {"gatewayctl detect"},
         .function = detect},
    };
}

} // namespace

std::span<const Chapter> of_looking() {
    static constexpr std::array chapters = {
        Chapter{{"status", "list"}, of_overviews},
        Chapter{{"explain", "doctor", "health", "wait"}, of_answers},
        Chapter{{"history", "metrics"}, of_records},
        Chapter{{"logs", "detect"}, of_logs_and_manager},
    };
    return chapters;
}

} // namespace gw::cli::rows
