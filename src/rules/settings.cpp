#include "rules/settings.hpp"

#include "base/text.hpp"
#include "rules/findings.hpp"
#include "rules/host_service.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace gw {

namespace {

constexpr const char* default_home = "/opt/data";
constexpr const char* default_scandir = "/run/service";
constexpr const char* default_wrapper = "main-wrapper.sh";

Role parse_role(const std::optional<std::string>& text, std::vector<Finding>& findings) {
    if (!text || *text == "owner") {
        return Role::owner;
    }
    if (*text == "none") {
        return Role::none;
    }
    if (*text == "standby") {
        return Role::standby;
    }
    // When in doubt, do not run gateways twice.
    findings.push_back(
        finding(FindingCode::unknown_role, {},
                "GATEWAYCTL_ROLE '" + printable(*text) + "' is none of owner, none, standby",
                "taken as none"));
    return Role::none;
}

} // namespace

std::optional<seconds> parse_drain_timeout(std::string_view text) {
    text = trimmed(text);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) ||
        value < 0 || value > static_cast<double>(max_drain_timeout.count())) {
        return std::nullopt;
    }
    return seconds(static_cast<seconds::rep>(std::ceil(value)));
}

seconds drain_timeout_of(const std::optional<std::string>& text, std::vector<Finding>& findings) {
    if (!text) {
        return default_drain_timeout;
    }
    if (const auto parsed = parse_drain_timeout(*text)) {
        return *parsed;
    }
    findings.push_back(finding(FindingCode::bad_drain_timeout, {},
                               fmt::format("drain timeout '{}' is not a number of seconds up to {}",
                                           printable(*text), max_drain_timeout.count()),
                               fmt::format("{} is used", default_drain_timeout.count())));
    return default_drain_timeout;
}

std::string home_setting(const Flags& flags, const EnvironmentLookup& environment) {
    return flags.home.value_or(environment("HERMES_HOME").value_or(default_home));
}

Surroundings resolve_surroundings(const Flags& flags, const EnvironmentLookup& environment) {
    Surroundings settings;
    settings.home = home_setting(flags, environment);
    settings.scandir =
        flags.scandir.value_or(environment("S6_PROFILE_GATEWAY_SCANDIR").value_or(default_scandir));
    settings.manager = flags.manager ? flags.manager : environment("GATEWAYCTL_MANAGER");
    settings.scope = flags.scope ? flags.scope : environment("GATEWAYCTL_SCOPE");
    settings.user = environment("GATEWAYCTL_USER");
    settings.role = parse_role(environment("GATEWAYCTL_ROLE"), settings.findings);
    settings.no_supervise = is_truthy(environment("HERMES_GATEWAY_NO_SUPERVISE").value_or(""));
    settings.first_boot_seed = environment("HERMES_GATEWAY_BOOTSTRAP_STATE") == "running";
    return settings;
}

Settings resolve_settings(Surroundings surroundings, const EnvironmentLookup& environment,
                          const ConfigFile& config) {
    Settings settings;
    static_cast<Surroundings&>(settings) = std::move(surroundings);
    settings.findings.insert(settings.findings.begin(), config.findings.begin(),
                             config.findings.end());
    const auto multiplex = environment("GATEWAY_MULTIPLEX_PROFILES");
    settings.multiplex = multiplex ? is_truthy(*multiplex) : config.multiplex.value_or(false);
    const auto drain = environment("GATEWAYCTL_DRAIN_TIMEOUT");
    settings.drain_timeout =
        drain_timeout_of(drain ? drain : config.drain_timeout, settings.findings);
    settings.notification_fd = config.notification_fd;
    if (config.death_budget && *config.death_budget > 0) {
        settings.death_budget = *config.death_budget;
    }
    settings.wrapper = config.wrapper.value_or(default_wrapper);
    settings.command = config.command.value_or(
        std::vector<std::string>{"hermes", "-p", "{profile}", "gateway", "run", "--replace"});
    settings.default_command = config.default_command.value_or(
        config.command.value_or(std::vector<std::string>{"hermes", "gateway", "run", "--replace"}));
    return settings;
}

std::vector<std::string> command_of(const Settings& settings, const ProfileName& profile) {
    constexpr std::string_view placeholder = "{profile}";
    auto command = profile.is_root() ? settings.default_command : settings.command;
    for (auto& word : command) {
        for (auto at = word.find(placeholder); at != std::string::npos;
             at = word.find(placeholder, at + profile.str().size())) {
            word.replace(at, placeholder.size(), profile.str());
        }
    }
    return command;
}

std::optional<int> notification_fd_of(const Settings& settings,
                                      const std::vector<std::string>& command) {
    if (settings.notification_fd) {
        return settings.notification_fd;
    }
    return is_fronted_by_run(command) ? std::optional(s6_customary_fd) : std::nullopt;
}

} // namespace gw
