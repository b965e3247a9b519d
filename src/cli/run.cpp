#include "base/text.hpp"
#include "cli/after_exit.hpp"
#include "cli/own_profile.hpp"
#include "cli/verbs.hpp"
#include "reconcile/observe.hpp"
#include "run/gateway_run.hpp"
#include "store/park.hpp"
#include "supervise/host/systemctl.hpp"
#include "sys/accounts.hpp"

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
/// (notification_fd_of in rules/settings.hpp).
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

/// `SCOPE:UNIT`, which an installed unit says of itself.
bool systemd_says_stop(const std::string& place) {
    const auto colon = std::min(place.find(':'), place.size() - 1);
    const auto scope = parse_scope(place.substr(0, colon));
    const auto asked = scope ? supervise::stop_was_asked(*scope, place.substr(colon + 1))
                             : Result<bool>(fail(Errc::usage, "no scope in it"));
    if (!asked) {
        sys::log_warning("cannot ask systemd whether this stop was asked for: " +
                         asked.error().message);
    }
    return asked.value_or(false);
}

/// launchd knows no code that ends a job for good but 0, and nothing that runs after its end.
int launchd_code(const Globals& globals, int code) {
    const auto next = after_exit(globals, {code, std::nullopt}, Pausing::by_supervisor);
    return next && *next == NextStart::not_wanted ? exit_status::done : code;
}

seconds drain_timeout(const Globals& globals, const RunWords& words) {
    std::vector<Finding> findings;
    seconds timeout{0};
    if (words.drain_timeout) {
        timeout = drain_timeout_of(words.drain_timeout, findings);
    } else {
        const auto settings = load_settings(globals);
        timeout = settings.drain_timeout;
        findings = settings.findings;
    }
    for (const auto& finding : findings) {
        sys::log_warning(to_line(finding));
    }
    return timeout;
}

/// Started by root, the gateway and its records are those of the home's owner, as in a slot. The
/// answer is the HOME that the command gets then.
Result<std::optional<std::string>> leave_root(const store::Home& home) {
    if (sys::effective_uid() != 0) {
        return std::nullopt;
    }
    if (auto left = become_home_owner(home); !left) {
        return std::unexpected(std::move(left.error()));
    }
    if (sys::effective_uid() == 0) {
        return std::nullopt;
    }
    const auto account = store::account_of_home(home);
    return account ? Result<std::optional<std::string>>(account->home)
                   : std::unexpected(account.error());
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
    const auto name = own_profile(globals);
    const auto home = store::Home::open(home_setting(globals.flags, environment));
    if (!name || !home) {
        return report_error(name ? home.error() : name.error());
    }
    const auto home_variable = leave_root(*home);
    if (!home_variable) {
        return report_error(home_variable.error());
    }
    const auto profile = home->require(*name);
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
    options.home_variable = *home_variable;
    if (const auto unit = environment("GATEWAYCTL_SYSTEMD_UNIT")) {
        options.stop_was_asked = [unit] { return systemd_says_stop(*unit); };
    }
    options.drain_timeout = [&] { return drain_timeout(globals, words); };
    const bool under_launchd = environment("GATEWAYCTL_LAUNCHD_LABEL").has_value();
    if (const auto parked = store::read_park(*profile); under_launchd && parked) {
        sys::log_error("parked: " + printable(parked->reason));
        return exit_status::done;
    }
    const auto code = run::run_gateway(*profile, options);
    const int status = code ? *code : report_error(code.error());
    return under_launchd ? launchd_code(globals, status) : status;
}

} // namespace

void add_run(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand("run", "Run a command as the gateway of a profile: -- COMMAND");
    auto words = std::make_shared<RunWords>();
    verb->add_flag("--replace", words->replace, "Take the place of this profile's live gateway");
    verb->add_option("--drain-timeout", words->drain_timeout,
                     "Seconds the command may take to finish (GATEWAYCTL_DRAIN_TIMEOUT)")
        ->type_name("SECONDS");
    verb->add_option("--ready-after", words->ready_after,
                     "Milliseconds until a silent command counts as ready (1000); 'notify': only "
                     "its own word counts")
        ->type_name("MS|notify");
    verb->add_option("--notification-fd", words->notification_fd,
                     "Descriptor on which s6 expects the news (3 in a slot)")
        ->type_name("FD");
    verb->callback([&globals, &chosen, words] {
        chosen = [&globals, words] { return run_command(globals, *words); };
    });
}

} // namespace gw::cli
