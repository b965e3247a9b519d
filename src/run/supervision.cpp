#include "run/supervision.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "rules/variables.hpp"
#include "rules/verdict.hpp"
#include "supervise/host/systemctl.hpp"
#include "sys/child.hpp"
#include "sys/log.hpp"

#include <csignal>
#include <fmt/format.h>

namespace gw::run {

namespace {

/// What starts the gateway says that it also starts it again.
bool has_external_supervisor(const EnvironmentLookup& environment) {
    std::vector<Finding> findings;
    const auto said = read_variable(Variable::external_supervisor, environment, findings);
    for (const auto& finding : findings) {
        sys::log_warning(to_line(finding));
    }
    return is_truthy(said.value_or(""));
}

bool is_supervised(const EnvironmentLookup& environment) {
    // XPC_SERVICE_NAME is "0" in a macOS terminal, where nobody supervises.
    return environment("HERMES_SUPERVISED_CHILD") || environment("HERMES_S6_SUPERVISED_CHILD") ||
           environment("INVOCATION_ID") || environment("XPC_SERVICE_NAME").value_or("0") != "0" ||
           has_external_supervisor(environment);
}

bool is_under_s6(const EnvironmentLookup& environment) {
    return environment("HERMES_S6_SUPERVISED_CHILD").has_value();
}

bool is_under_launchd(const EnvironmentLookup& environment) {
    return environment("GATEWAYCTL_LAUNCHD_LABEL").has_value();
}

/// `place` is `SCOPE:UNIT`, which an installed unit says of itself.
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

} // namespace

void fit_to_supervisor(const EnvironmentLookup& environment, RunOptions& options) {
    options.supervision = is_supervised(environment) ? Supervision::supervised : Supervision::none;
    if (!options.notification_fd && is_under_s6(environment)) {
        options.notification_fd = s6_customary_fd;
    }
    if (is_under_s6(environment)) {
        sys::hear_of_parents_death(SIGTERM); // an end like that of a container: the next life comes
    }
    options.notify_socket = environment("NOTIFY_SOCKET");
    if (const auto unit = environment("GATEWAYCTL_SYSTEMD_UNIT")) {
        options.stop_was_asked = [unit] { return systemd_says_stop(*unit); };
    }
}

Result<std::optional<milliseconds>> parse_ready_after(std::string_view text) {
    if (text == "notify") {
        return std::nullopt;
    }
    const auto value = parse_number<int>(text);
    if (!value || *value < 0) {
        return fail(Errc::usage,
                    fmt::format("--ready-after '{}' is neither milliseconds nor 'notify'", text));
    }
    return milliseconds(*value);
}

std::optional<int> code_of_parked(const EnvironmentLookup& environment,
                                  const sys::Directory& profile, const ProfileName& name) {
    // launchd starts again what has failed; under s6 the slot's `finish` says that it stays down.
    const auto code = is_under_launchd(environment) ? std::optional(exit_status::done)
                      : is_under_s6(environment)    ? std::optional(restart_exit_code)
                                                    : std::nullopt;
    return code && operate::stays_parked(profile, name) ? code : std::nullopt;
}

int code_for_supervisor(sys::Effects& effects, const EnvironmentLookup& environment,
                        const EndedRun& ended) {
    if (!is_under_launchd(environment)) {
        return ended.code;
    }
    const operate::EndedGateway gateway{ended.directory, ended.profile, ended.volume,
                                        ended.death_budget()};
    const auto next = operate::after_exit(effects, gateway, {.code = ended.code},
                                          operate::Pausing::by_supervisor);
    return next && *next == operate::NextStart::not_wanted ? exit_status::done : ended.code;
}

} // namespace gw::run
