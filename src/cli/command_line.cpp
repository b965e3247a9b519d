#include "cli/command_line.hpp"

#include "cli/verbs.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>

namespace gw::cli {

namespace {

/// The order is that of the help.
constexpr std::array verbs = {
    // clang-format off: one a line, so that two new verbs do not meet in one
    add_reconcile,
    add_plan,
    add_register,
    add_unregister,
    add_start,
    add_stop,
    add_restart,
    add_status,
    add_list,
    add_logs,
    add_detect,
    add_run,
    add_marker,
    add_drain,
    add_prepare,
    add_after_exit,
    add_install,
    add_uninstall,
    add_render,
    add_unit_hooks,
    add_version,
    // clang-format on
};

void add_global_options(CLI::App& app, Globals& globals) {
    const std::map<std::string, ColourWhen> colours = {{"auto", ColourWhen::automatic},
                                                       {"always", ColourWhen::always},
                                                       {"never", ColourWhen::never}};
    app.add_option("-p,--profile", globals.profile, "Profile the verb is about")
        ->type_name("PROFILE");
    app.add_option("--home", globals.flags.home, "The volume's directory (HERMES_HOME)")
        ->type_name("DIR");
    app.add_option("--scandir", globals.flags.scandir,
                   "Directory that s6-svscan watches (S6_PROFILE_GATEWAY_SCANDIR)")
        ->type_name("DIR");
    app.add_option("--manager", globals.flags.manager,
                   "s6, systemd or launchd instead of detection (GATEWAYCTL_MANAGER)")
        ->type_name("KIND");
    app.add_option("--scope", globals.flags.scope,
                   "systemd: system or user (GATEWAYCTL_SCOPE); root means system")
        ->type_name("SCOPE");
    app.add_flag("--json", globals.json, "One JSON object on stdout");
    app.add_option("--color", globals.colour, "auto, always or never")
        ->transform(CLI::CheckedTransformer(colours, CLI::ignore_case).description(""))
        ->type_name("WHEN");
    app.add_flag_callback(
        "-q,--quiet", [&globals] { globals.verbosity = sys::Verbosity::quiet; }, "Errors only");
    app.add_flag_callback(
        "-v,--verbose", [&globals] { globals.verbosity = sys::Verbosity::verbose; },
        "Say more on stderr");
}

/// The command of `run` is taken out before anything else looks at the words: no option of it is
/// ours, and no notation in it is ours to interpret. Answers with the number of words before `--`.
int take_command(int argc, char** argv, Globals& globals) {
    const auto* const begin = argv;
    const auto* const end = argv + argc;
    const auto* const mark = std::find(begin, end, std::string_view("--"));
    if (mark == end || std::find(begin, mark, std::string_view("run")) == mark) {
        return argc;
    }
    globals.command.assign(mark + 1, end);
    return static_cast<int>(mark - begin);
}

constexpr const char* exit_statuses =
    "Exit status: 0 done; 1 some of it failed; 2 changes pending (plan --detailed-exitcode);\n"
    "3 not running, 4 not registered (status); 64 usage; 69 no manager; 75 timed out;\n"
    "77 not permitted; 78 bad configuration.";

/// One word for one thing: what CLI11 calls a subcommand is a verb here.
void call_them_verbs(CLI::App& app) {
    app.get_formatter()->label("SUBCOMMAND", "VERB");
    for (auto* verb : app.get_subcommands({})) {
        if (!verb->get_group().empty()) {
            verb->group("Verbs");
        }
    }
}

Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
    const auto parsed = app.get_subcommands();
    const auto unknown = app.remaining();
    if (parsed.empty()) {
        return {Errc::usage,
                unknown.empty() ? "a verb is missing" : "there is no verb '" + unknown[0] + "'",
                "gatewayctl --help"};
    }
    return {Errc::usage, error.what(), "gatewayctl " + parsed[0]->get_name() + " --help"};
}

int run_chosen(int argc, char** argv) {
    CLI::App app("Gateways in a container that come back after a restart exactly when their "
                 "operator wants them to.",
                 "gatewayctl");
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(exit_statuses);
    app.set_version_flag("--version", "gatewayctl " GATEWAYCTL_VERSION);
    Globals globals;
    Action chosen;
    add_global_options(app, globals);
    for (const auto add : verbs) {
        add(app, globals, chosen);
    }
    call_them_verbs(app);
    try {
        app.parse(take_command(argc, argv, globals), argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            return app.exit(error); // --help, --version
        }
        sys::start_log(globals.verbosity, wants_colour(globals.colour, 2));
        return report_error(usage_error(app, error));
    }
    sys::start_log(globals.verbosity, wants_colour(globals.colour, 2));
    return chosen();
}

} // namespace

int run_command_line(int argc, char** argv) {
    try {
        return run_chosen(argc, argv);
    } catch (const std::exception& error) {
        return report_error({Errc::io, std::string("unexpected failure: ") + error.what(),
                             "gatewayctl -v with the same words, and report what it says"});
    }
}

} // namespace gw::cli
