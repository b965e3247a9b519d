#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "rules/gateway_command.hpp"
#include "rules/runner.hpp"
#include "run/supervision.hpp"
#include "sys/accounts.hpp"
#include "sys/self.hpp"

namespace gw::cli {

namespace {

/// Asked when they are needed: most lives end without a look at the configuration. The home is open
/// then, and what has opened the home can have the settings; the defaults are for whoever asks
/// without.
Settings settings_of(Context& context) {
    const auto settings = context.settings();
    return settings ? **settings : Settings{};
}

seconds drain_timeout(Context& context, const Words& words) {
    const auto asked = words.value("--drain-timeout");
    if (!asked) {
        return settings_of(context).drain_timeout;
    }
    std::vector<Finding> findings;
    const auto timeout = drain_timeout_of("--drain-timeout", *asked, findings);
    for (const auto& finding : findings) {
        context.warn_once(to_line(finding));
    }
    return timeout;
}

Result<run::RunOptions> options_of(Context& context, const Words& words) {
    run::RunOptions options;
    options.command = words.command();
    if (options.command.empty()) {
        return fail(Errc::usage, "there is no command to run",
                    "gatewayctl run [OPTIONS] -- COMMAND [ARGUMENTS]");
    }
    if (const auto text = words.value("--ready-after")) {
        const auto ready = run::parse_ready_after(*text);
        if (!ready) {
            return std::unexpected(ready.error());
        }
        options.ready_after = *ready;
    }
    // A gateway that is told to take the place of another one finds nobody behind `run`.
    const auto gateway = parse_gateway_command(options.command);
    const bool replaces = words.has("--replace") || (gateway && gateway->replaces);
    options.replace = replaces ? store::Replace::live_one : store::Replace::never;
    options.notification_fd = words.integer("--notification-fd");
    options.drain_timeout = [&context, &words] { return drain_timeout(context, words); };
    run::fit_to_supervisor(sys::environment, options);
    return options;
}

} // namespace

int run(Context& context, const Words& words, sys::Effects& effects) {
    auto signals = sys::SignalEvents::open();
    if (!signals) {
        return report_error(signals.error());
    }
    auto options = options_of(context, words);
    if (!options) {
        return report_error(options.error());
    }
    const auto own = context.own_profile();
    if (!own) {
        return report_error(own.error());
    }
    if (auto asked = check_root_was_asked(sys::effective_uid(), context.surroundings().home,
                                          context.surroundings().user);
        !asked) {
        return report_error(asked.error());
    }
    if (context.account()) {
        options->home_variable = context.account()->home; // as in a slot
    }
    if (const auto code = run::code_of_parked(sys::environment, own->directory, own->name)) {
        return *code;
    }
    const auto home = context.home();
    if (!home) {
        return report_error(home.error());
    }
    if (const auto fence = own::fence_here()) {
        options->fence = run::FencePost{*fence, own->name};
    }
    const auto volume = options->fence ? own::fence_ownership(options->fence->directory, own->name)
                                       : own::file_ownership(**home, [&context] {
                                             return settings_of(context).member.value_or("");
                                         });
    const auto code = run::run_gateway(effects, *signals, *volume, own->directory, *options);
    const int status = code ? *code : report_error(code.error());
    return run::code_for_supervisor(effects, sys::environment,
                                    {own->directory, own->name, *volume, status,
                                     [&context] { return settings_of(context).death_budget; }});
}

} // namespace gw::cli
