#include "rules/settings.hpp"

#include "base/decimal.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "rules/findings.hpp"
#include "rules/host_service.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>

namespace gw {

namespace {

constexpr const char* default_home = "/opt/data";
constexpr const char* default_wrapper = "main-wrapper.sh";

/// A word that nobody knows has its finding already. When in doubt, do not run gateways twice.
std::optional<Role> role_of(const std::optional<std::string>& word) {
    return word ? std::optional(parse_role(*word).value_or(Role::none)) : std::nullopt;
}

/// Of the variable; nullopt, with a finding when it is set, leaves it to the configuration.
std::optional<PortRanges> ports_of(const std::optional<std::string>& text,
                                   std::vector<Finding>& findings) {
    auto ranges = text ? parse_port_ranges(*text) : std::nullopt;
    if (text && !ranges) {
        findings.push_back(finding(
            FindingCode::bad_ports, {},
            fmt::format("{} '{}' is no list of ports", name_of(Variable::ports), shortened(*text)),
            "it must be like 9200-9799,20000-29999; it is ignored"));
    }
    return ranges;
}

/// Machines of one fleet share a configuration, and are not equally large.
void read_capacity(const EnvironmentLookup& environment, FleetSettings& fleet,
                   std::vector<Finding>& findings) {
    const auto text = read_variable(Variable::capacity, environment, findings);
    if (const auto capacity = text ? parse_capacity(*text) : std::nullopt) {
        fleet.capacity = *capacity;
    } else if (text) {
        fleet.problems.push_back(fmt::format("{} '{}' must be {}", name_of(Variable::capacity),
                                             shortened(*text), capacity_form));
    }
}

} // namespace

std::string_view to_string(Role role) {
    switch (role) {
    case Role::none:
        return "none";
    case Role::standby:
        return "standby";
    case Role::owner:
        break;
    }
    return "owner";
}

std::optional<Role> parse_role(std::string_view word) {
    for (const auto role : {Role::owner, Role::none, Role::standby}) {
        if (word == to_string(role)) {
            return role;
        }
    }
    return std::nullopt;
}

std::optional<seconds> parse_drain_timeout(std::string_view text) {
    const auto value = parse_decimal(trimmed(text));
    if (!value || !std::isfinite(*value) || *value < 0 ||
        *value > static_cast<double>(max_drain_timeout.count())) {
        return std::nullopt;
    }
    return seconds(static_cast<seconds::rep>(std::ceil(*value)));
}

seconds drain_timeout_of(std::string_view source, const std::string& text,
                         std::vector<Finding>& findings) {
    if (const auto parsed = parse_drain_timeout(text)) {
        return *parsed;
    }
    findings.push_back(finding(FindingCode::bad_drain_timeout, {},
                               fmt::format("{} '{}' is not a number of seconds up to {}", source,
                                           shortened(text), max_drain_timeout.count()),
                               fmt::format("{} is used", default_drain_timeout.count())));
    return default_drain_timeout;
}

std::string home_setting(const Flags& flags, const EnvironmentLookup& environment,
                         std::vector<Finding>& findings) {
    return flags.home ? *flags.home
                      : read_variable(Variable::home, environment, findings).value_or(default_home);
}

Surroundings resolve_surroundings(const Flags& flags, const EnvironmentLookup& environment,
                                  TreeKind otherwise) {
    Surroundings settings;
    const auto read = [&](Variable variable) {
        return read_variable(variable, environment, settings.findings);
    };
    settings.home = home_setting(flags, environment, settings.findings);
    const auto named = flags.scandir ? flags.scandir : read(Variable::scandir);
    const auto tree = parse_tree_kind(read(Variable::tree).value_or("")).value_or(otherwise);
    settings.scandir = named.value_or(default_scandir(tree));
    settings.tree = named ? std::nullopt : std::optional(tree);
    settings.manager = flags.manager ? flags.manager : read(Variable::manager);
    settings.scope = flags.scope ? flags.scope : read(Variable::scope);
    settings.user = read(Variable::user);
    settings.config = read(Variable::config);
    settings.role_told = role_of(read(Variable::role));
    settings.no_supervise = is_truthy(read(Variable::no_supervise).value_or(""));
    settings.first_boot_seed = read(Variable::first_boot_seed) == "running";
    return settings;
}

Settings resolve_settings(Surroundings surroundings, const EnvironmentLookup& environment,
                          const ConfigFile& config) {
    Settings settings;
    static_cast<Surroundings&>(settings) = std::move(surroundings);
    settings.findings.insert(settings.findings.begin(), config.findings.begin(),
                             config.findings.end());
    const auto multiplex = read_variable(Variable::multiplex, environment, settings.findings);
    settings.multiplex = multiplex ? is_truthy(*multiplex) : config.multiplex.value_or(false);
    const auto drain = read_variable(Variable::drain_timeout, environment, settings.findings);
    settings.drain_timeout =
        drain ? drain_timeout_of(name_of(Variable::drain_timeout), *drain, settings.findings)
              : config.drain_timeout.value_or(default_drain_timeout);
    settings.notification_fd = config.notification_fd;
    settings.death_budget = config.death_budget.value_or(death_tally_size);
    settings.ports =
        ports_of(read_variable(Variable::ports, environment, settings.findings), settings.findings)
            .value_or(config.ports.value_or(default_port_ranges));
    settings.role = settings.role_told.value_or(role_of(config.role).value_or(Role::owner));
    const auto member = read_variable(Variable::member, environment, settings.findings);
    settings.member = member ? member : config.member;
    settings.fleet = config.fleet;
    if (settings.fleet) {
        read_capacity(environment, *settings.fleet, settings.findings);
    }
    settings.wrapper = config.wrapper.value_or(default_wrapper);
    settings.no_new_privs = config.no_new_privs.value_or(false);
    settings.unusable_config = config.unusable;
    settings.command = config.command.value_or(
        std::vector<std::string>{"hermes", "-p", "{profile}", "gateway", "run", "--replace"});
    settings.default_command = config.default_command.value_or(
        config.command.value_or(std::vector<std::string>{"hermes", "gateway", "run", "--replace"}));
    return settings;
}

Result<void> check_config_usable(const Settings& settings) {
    return settings.unusable_config
               ? fail(Errc::bad_config,
                      fmt::format("{} cannot be used, so what the service is to be made of is not "
                                  "known",
                                  printable(*settings.unusable_config)),
                      "gatewayctl config check")
               : Result<void>{};
}

std::string fence_directory(const Settings& settings) {
    return settings.scandir + "/.fence";
}

std::optional<std::string> slip_of_placeholder(std::string_view word) {
    const auto name = profile_placeholder.substr(1, profile_placeholder.size() - 2);
    for (auto begin = word.find('{'); begin != std::string_view::npos;
         begin = word.find('{', begin + 1)) {
        const auto end = word.find('}', begin);
        if (end == std::string_view::npos) {
            break;
        }
        const auto inside = word.substr(begin + 1, end - begin - 1);
        const auto lower = in_lower_case(inside);
        if (inside != name && (lower == name || meant_word(lower, std::array{name}))) {
            return std::string(word.substr(begin, end - begin + 1));
        }
    }
    return std::nullopt;
}

std::vector<std::string> command_of(const Settings& settings, const ProfileName& profile) {
    auto command = profile.is_root() ? settings.default_command : settings.command;
    for (auto& word : command) {
        for (auto at = word.find(profile_placeholder); at != std::string::npos;
             at = word.find(profile_placeholder, at + profile.str().size())) {
            word.replace(at, profile_placeholder.size(), profile.str());
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
