#include "cli/own_profile.hpp"
#include "cli/verbs.hpp"
#include "run/gateway_run.hpp"

#include <charconv>
#include <fmt/format.h>

namespace gw::cli {

namespace {

struct RunWords {
    bool replace = false;
    std::optional<std::string> drain_timeout;
    std::optional<std::string> ready_after;
    std::optional<int> notification_fd;
};

/// s6-supervise does not tell its readiness descriptor; 3 is what a slot of ours has
/// (notification_fd_of in core/settings.hpp).
constexpr int s6_customary_fd = 3;

run::Supervision supervision() {
    // XPC_SERVICE_NAME is "0" in a macOS terminal, where nobody supervises.
    const bool supervised = environment("HERMES_SUPERVISED_CHILD") ||
                            environment("INVOCATION_ID") ||
                            environment("XPC_SERVICE_NAME").value_or("0") != "0";
    return supervised ? run::Supervision::supervised : run::Supervision::none;
}

Result<std::optional<milliseconds>> ready_after(const std::optional<std::string>& text) {
    if (!text) {
        return run::default_ready_after;
    }
    if (*text == "notify") {
        return std::nullopt;
    }
    int value = 0;
    const char* end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end || value < 0) {
        return fail(Errc::usage,
                    fmt::format("--ready-after '{}' is neither milliseconds nor 'notify'", *text));
    }
    return milliseconds(value);
}

seconds drain_timeout(const Globals& globals, const RunWords& words) {
    std::vector<std::string> warnings;
    seconds timeout{0};
    if (words.drain_timeout) {
        timeout = drain_timeout_of(words.drain_timeout, warnings);
    } else {
        const auto settings = load_settings(globals);
        timeout = settings.drain_timeout;
        warnings = settings.warnings;
    }
    for (const auto& warning : warnings) {
        sys::log_warning(warning);
    }
    return timeout;
}

Result<sys::Directory> open_profile(const Globals& globals) {
    const auto profile = own_profile(globals);
    if (!profile) {
        return std::unexpected(profile.error());
    }
    const auto home = store::Home::open(home_setting(globals.flags, environment));
    if (!home) {
        return std::unexpected(home.error());
    }
    return home->require(*profile);
}

int run_command(const Globals& globals, const RunWords& words) {
    if (globals.command.empty()) {
        return report_error({Errc::usage, "there is no command to run",
                             "gatewayctl run [OPTIONS] -- COMMAND [ARGUMENTS]"});
    }
    const auto ready = ready_after(words.ready_after);
    if (!ready) {
        return report_error(ready.error());
    }
    const auto profile = open_profile(globals);
    if (!profile) {
        return report_error(profile.error());
    }
    run::RunOptions options;
    options.command = globals.command;
    options.replace = words.replace ? store::Replace::live_one : store::Replace::never;
    options.supervision = supervision();
    options.ready_after = *ready;
    options.notification_fd = words.notification_fd;
    if (!options.notification_fd && environment("HERMES_S6_SUPERVISED_CHILD")) {
        options.notification_fd = s6_customary_fd;
    }
    options.notify_socket = environment("NOTIFY_SOCKET");
    options.drain_timeout = [&] { return drain_timeout(globals, words); };
    const auto code = run::run_gateway(*profile, options);
    return code ? *code : report_error(code.error());
}

} // namespace

void add_run(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand("run", "Run a command as the gateway of a profile: -- COMMAND");
    auto words = std::make_shared<RunWords>();
    verb->add_flag("--replace", words->replace, "Take the place of this profile's live gateway");
    verb->add_option("--drain-timeout", words->drain_timeout,
                     "Seconds the command may take to finish (GATEWAYCTL_DRAIN_TIMEOUT)");
    verb->add_option("--ready-after", words->ready_after,
                     "Milliseconds until a silent command counts as ready (1000); 'notify': only "
                     "its own word counts");
    verb->add_option("--notification-fd", words->notification_fd,
                     "Descriptor on which s6 expects the news (3 in a slot)");
    verb->callback([&globals, &chosen, words] {
        chosen = [&globals, words] { return run_command(globals, *words); };
    });
}

} // namespace gw::cli
