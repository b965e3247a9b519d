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
    app.add_option("-p,--profile", globals.profile, "Profile the verb is about");
    app.add_option("--home", globals.flags.home, "The volume's directory (HERMES_HOME)");
    app.add_option("--scandir", globals.flags.scandir,
                   "Directory that s6-svscan watches (S6_PROFILE_GATEWAY_SCANDIR)");
    app.add_option("--manager", globals.flags.manager,
                   "s6, systemd or launchd instead of detection (GATEWAYCTL_MANAGER)");
    app.add_option("--scope", globals.flags.scope,
                   "systemd: system or user (GATEWAYCTL_SCOPE); root means system");
    app.add_flag("--json", globals.json, "One JSON object on stdout");
    app.add_option("--color", globals.colour, "auto, always or never")
        ->transform(CLI::CheckedTransformer(colours, CLI::ignore_case).description(""));
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

int run_chosen(int argc, char** argv) {
    CLI::App app("Gateways in a container that come back after a restart exactly when their "
                 "operator wants them to.",
                 "gatewayctl");
    app.require_subcommand(1);
    app.fallthrough();
    Globals globals;
    Action chosen;
    add_global_options(app, globals);
    for (const auto add : verbs) {
        add(app, globals, chosen);
    }
    try {
        app.parse(take_command(argc, argv, globals), argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_status::done : exit_status::usage;
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
