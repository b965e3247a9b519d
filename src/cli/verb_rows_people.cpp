#include "base/error.hpp"
#include "cli/completion.hpp"
#include "cli/verb_rows.hpp"
#include "cli/verbs.hpp"

namespace gw::cli::rows {

namespace {

constexpr const char* limit_from_drain = "from the drain timeout";

/// What start, stop and restart take.
std::vector<Parameter> operation() {
    return {names(),
            all("Every registered profile"),
            timeout(limit_from_drain),
            flag("--no-wait", "Return as soon as the supervisor has accepted the command"),
            {.name = "--reason",
             .value_name = "TEXT",
             .help = "Why, in your words: kept with the intent, shown by status"},
            force(),
            flag("-n,--dry-run", "Say what would be done, and touch nothing")};
}

std::vector<ExitStatus> operation_statuses() {
    return usual_statuses(
        {exit_status::not_registered, exit_status::no_manager, exit_status::timed_out});
}

std::vector<Verb> of_operations() {
    return {
        {.name = "start",
         .summary = "Start gateways; a real profile without a slot is registered on the way",
         .parameters = operation(),
         .exit_statuses = operation_statuses(),
         .examples = {"gatewayctl start coder", "gatewayctl start --all --no-wait"},
         .touch = Touch::change,
         .privilege = Privilege::runner_with_scandir,
         .function = start},
        {.name = "stop",
         .summary = "Stop gateways, and see that they are gone",
         .parameters = operation(),
         .exit_statuses = operation_statuses(),
         .examples = {"gatewayctl stop coder", "gatewayctl stop --all --timeout 30 --force",
                      "gatewayctl stop --all --dry-run"},
         .touch = Touch::change,
         .privilege = Privilege::runner_with_scandir,
         .function = stop},
        {.name = "restart",
         .summary = "Restart gateways; with --all only those that are meant to run",
         .parameters = operation(),
         .exit_statuses = operation_statuses(),
         .examples = {"gatewayctl restart coder", "gatewayctl restart --all"},
         .touch = Touch::change,
         .privilege = Privilege::runner_with_scandir,
         .function = restart},
    };
}

std::vector<Verb> of_registration() {
    return {
        {.name = "register",
         .summary =
             "Make a slot for a profile, down (the application's create hook); or change the "
             "variables of one that has a slot",
         .parameters = {one_name(),
                        {.name = "--env",
                         .value_name = "NAME=VALUE",
                         .help = "NAME=VALUE for the gateway; may be repeated",
                         .occurrence = Occurrence::repeatable},
                        {.name = "--unset",
                         .value_name = "NAME",
                         .help = "Takes a variable back that --env has given; may be repeated",
                         .occurrence = Occurrence::repeatable},
                        flag("--start", "Start it too")},
         .exit_statuses = usual_statuses({exit_status::no_manager, exit_status::timed_out}),
         .examples = {"gatewayctl register coder --env LOG_LEVEL=debug --start",
                      "gatewayctl register coder --unset LOG_LEVEL"},
         .touch = Touch::change,
         .privilege = Privilege::runner_with_scandir,
         .function = register_profile},
        {.name = "unregister",
         .summary = "Stop a gateway and remove its slot (the application's delete hook)",
         .parameters = {one_name(), timeout(limit_from_drain), force()},
         .exit_statuses = usual_statuses({exit_status::no_manager, exit_status::timed_out}),
         .examples = {"gatewayctl unregister coder"},
         .touch = Touch::change,
         .privilege = Privilege::runner_with_scandir,
         .function = unregister_profile},
    };
}

std::vector<Verb> of_installation() {
    const auto statuses = usual_statuses({exit_status::no_manager, exit_status::timed_out});
    return {
        {.name = "install",
         .summary = "Make (or repair) the systemd unit or launchd plist of a profile",
         .parameters = {names(), all("Every profile of the volume"),
                        flag("--start", "Start it too"),
                        flag("--temporary-home", "The home may be below /tmp"),
                        flag("--run-as-root",
                             "The gateway may run as root, the owner of the home")},
         .exit_statuses = statuses,
         .examples = {"gatewayctl install coder --start", "gatewayctl install --all",
                      "gatewayctl --scope user install coder"},
         .touch = Touch::change,
         .privilege = Privilege::runner_with_scandir,
         .function = install},
        {.name = "uninstall",
         .summary = "Stop a gateway and remove its systemd unit or launchd plist; its profile and "
                    "its intent stay",
         .parameters = {names(), all("Every profile that has one")},
         .exit_statuses = statuses,
         .examples = {"gatewayctl uninstall coder", "gatewayctl uninstall --all"},
         .touch = Touch::change,
         .privilege = Privilege::runner_with_scandir,
         .function = uninstall},
        {.name = "render",
         .summary = "Print the slot, unit or plist of a profile",
         .parameters = {{.name = "MANAGER",
                         .help = "s6, systemd or launchd",
                         .occurrence = Occurrence::required,
                         .completer = Completer::manager},
                        {.name = "NAME",
                         .help = "The profile; default: 'default'",
                         .completer = Completer::profile}},
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl render systemd coder"},
         .function = render},
    };
}

Verb config_row() {
    return {.name = "config",
            .summary = "Show each setting and where it comes from, one of them, or what is wrong "
                       "with the configuration",
            .details = "check reads FILE, or what would be read without it, and ends with 78 when "
                       "something in it is not understood: for the build of an image.",
            .parameters = {{.name = "ACTION",
                            .help = "Without it, every setting is shown",
                            .choices = {"get", "check"}},
                           {.name = "WHAT", .help = "get: a setting; check: a file"}},
            .exit_statuses = usual_statuses({}),
            .examples = {"gatewayctl config", "gatewayctl config get drain_timeout",
                         "gatewayctl config check /etc/gatewayctl.yaml"},
            .function = config};
}

std::vector<Verb> of_the_program() {
    return {
        config_row(),
        {.name = "version",
         .summary = "Print the version",
         .exit_statuses = {{exit_status::done, "done"},
                           {exit_status::some_failed, "it could not be printed"}},
         .examples = {"gatewayctl --json version"},
         .function = version},
        {.name = "completion",
         .summary = "Print the script by which a shell completes verbs, options and profiles",
         .parameters = {{.name = "SHELL",
                         .help = "The shell",
                         .occurrence = Occurrence::required,
                         .choices = completion_shells()}},
         .exit_statuses = usual_statuses({}),
         .examples =
             {"gatewayctl completion bash > /usr/share/bash-completion/completions/gatewayctl",
              "gatewayctl completion zsh > /usr/share/zsh/vendor-completions/_gatewayctl",
              "gatewayctl completion fish > ~/.config/fish/completions/gatewayctl.fish"},
         .function = completion},
        {.name = "complete",
         .group = Group::hidden,
         .summary = "What a shell offers for the last word; each line a word, a tab, its meaning",
         .command_name = "WORDS",
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl complete -- status co"},
         .function = complete},
        {.name = "manual",
         .group = Group::hidden,
         .summary = "A manual page in mdoc, or the names of all; `meson install` calls it",
         .parameters = {{.name = "PAGE", .help = "The file name of a page; default: all names"}},
         .exit_statuses = usual_statuses({}),
         .examples = {"gatewayctl manual gatewayctl-stop.1 | man -l -"},
         .function = manual},
        {.name = "help",
         .summary = "Show the help of a verb, or of them all",
         .parameters = {{.name = "VERB",
                         .help = "The verb; default: an overview",
                         .occurrence = Occurrence::repeatable,
                         .completer = Completer::verb}},
         .exit_statuses = {{exit_status::done, "done"},
                           {exit_status::some_failed, "it could not be printed"},
                           {exit_status::usage, "there is no such verb"}},
         .examples = {"gatewayctl help stop", "gatewayctl help marker write"},
         .function = help},
    };
}

std::vector<Verb> of_the_pass() {
    return {
        {.name = "reconcile",
         .summary = "Make the scandir agree with the profiles on the volume (the boot pass)",
         .parameters = {{.name = "-n,--dry-run",
                         .help = "Show what would be done; the same as 'plan'",
                         .value = Value::none,
                         .turns_into = "plan"}},
         .exit_statuses = usual_statuses({exit_status::timed_out}),
         .examples = {"gatewayctl reconcile", "gatewayctl reconcile --dry-run"},
         .touch = Touch::change,
         .privilege = Privilege::runner_of_boot_pass,
         .function = reconcile},
        {.name = "plan",
         .summary = "Show what reconcile would do, and why; touches nothing (reconcile --dry-run)",
         .parameters = {flag("--detailed-exitcode", "Exit with 2 when changes are pending")},
         .exit_statuses = usual_statuses({exit_status::changes_pending}),
         .examples = {"gatewayctl plan --detailed-exitcode"},
         .function = plan},
    };
}

} // namespace

std::span<const Chapter> of_people() {
    static constexpr std::array chapters = {
        Chapter{{"reconcile", "plan"}, of_the_pass},
        Chapter{{"register", "unregister"}, of_registration},
        Chapter{{"start", "stop", "restart"}, of_operations},
    };
    return chapters;
}

std::span<const Chapter> of_the_program_and_hosts() {
    static constexpr std::array chapters = {
        Chapter{{"config", "version", "completion", "complete", "manual", "help"}, of_the_program},
        Chapter{{"install", "uninstall", "render"}, of_installation},
    };
    return chapters;
}

} // namespace gw::cli::rows
