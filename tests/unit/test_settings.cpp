#include "rules/settings.hpp"
#include "support.hpp"

#include <map>

using namespace gw;

namespace {

/// Stands in for the process's environment; blank counts as unset there too.
EnvironmentLookup environment(std::map<std::string, std::string> variables) {
    return
        [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        };
}

Settings resolved(const Flags& flags, std::map<std::string, std::string> variables,
                  const ConfigFile& config = {}) {
    return resolve_settings(resolve_surroundings(flags, environment(variables)),
                            environment(variables), config);
}

} // namespace

TEST_CASE("settings: the defaults") {
    const auto settings = resolved({}, {});
    CHECK(settings.home == "/opt/data");
    CHECK(settings.scandir == "/run/service");
    CHECK_FALSE(settings.manager);
    CHECK(settings.role == Role::owner);
    CHECK_FALSE(settings.multiplex);
    CHECK_FALSE(settings.no_supervise);
    CHECK_FALSE(settings.first_boot_seed);
    CHECK(settings.drain_timeout == default_drain_timeout);
    CHECK_FALSE(settings.notification_fd);
    CHECK(settings.findings.empty());
    CHECK(command_of(settings, ProfileName::root()) ==
          std::vector<std::string>{"hermes", "gateway", "run", "--replace"});
    CHECK(command_of(settings, *ProfileName::parse("w")) ==
          std::vector<std::string>{"hermes", "-p", "w", "gateway", "run", "--replace"});
}

TEST_CASE("settings: flags beat environment") {
    const std::map<std::string, std::string> variables = {
        {"HERMES_HOME", "/env"},
        {"S6_PROFILE_GATEWAY_SCANDIR", "/envscan"},
        {"GATEWAYCTL_MANAGER", "systemd"}};
    const auto by_environment = resolved({}, variables);
    CHECK(by_environment.home == "/env");
    CHECK(by_environment.scandir == "/envscan");
    CHECK(by_environment.manager == "systemd");
    const auto by_flags =
        resolved({.home = "/flag", .scandir = "/flagscan", .manager = "s6", .scope = std::nullopt},
                 variables);
    CHECK(by_flags.home == "/flag");
    CHECK(by_flags.scandir == "/flagscan");
    CHECK(by_flags.manager == "s6");
}

TEST_CASE("settings: environment beats configuration, in both directions") {
    ConfigFile config;
    config.multiplex = true;
    config.drain_timeout = "120";
    CHECK(resolved({}, {}, config).multiplex);
    CHECK(resolved({}, {}, config).drain_timeout == seconds{120});
    CHECK_FALSE(resolved({}, {{"GATEWAY_MULTIPLEX_PROFILES", "false"}}, config).multiplex);
    CHECK(resolved({}, {{"GATEWAYCTL_DRAIN_TIMEOUT", "30"}}, config).drain_timeout == seconds{30});
    config.multiplex = false;
    CHECK(resolved({}, {{"GATEWAY_MULTIPLEX_PROFILES", "yes"}}, config).multiplex);
}

TEST_CASE("settings: a switch is on for 1, true, yes, on and off for anything else") {
    CHECK(resolved({}, {{"HERMES_GATEWAY_NO_SUPERVISE", "Yes"}}).no_supervise);
    CHECK_FALSE(resolved({}, {{"HERMES_GATEWAY_NO_SUPERVISE", "0"}}).no_supervise);
    CHECK_FALSE(resolved({}, {{"HERMES_GATEWAY_NO_SUPERVISE", "maybe"}}).no_supervise);
    CHECK(resolved({}, {{"HERMES_GATEWAY_BOOTSTRAP_STATE", "running"}}).first_boot_seed);
    CHECK_FALSE(resolved({}, {{"HERMES_GATEWAY_BOOTSTRAP_STATE", "stopped"}}).first_boot_seed);
}

TEST_CASE("settings: a drain timeout that is no number of seconds is the default, with a warning") {
    for (const std::string text : {"inf", "nan", "-1", "soon", "1e9", "86401", "60s", "0x10"}) {
        CAPTURE(text);
        const auto settings = resolved({}, {{"GATEWAYCTL_DRAIN_TIMEOUT", text}});
        CHECK(settings.drain_timeout == default_drain_timeout);
        CHECK(settings.findings.size() == 1);
    }
    const std::vector<std::pair<std::string, seconds>> valid = {
        {"0", seconds{0}},   {"180", seconds{180}},     {" 90 ", seconds{90}},
        {"0.5", seconds{1}}, {"86400", seconds{86400}}, {"1e2", seconds{100}}};
    for (const auto& [text, expected] : valid) {
        CAPTURE(text);
        CHECK(parse_drain_timeout(text) == expected);
    }
    CHECK_FALSE(parse_drain_timeout(""));
}

TEST_CASE("settings: a role nobody knows runs no gateways, with a warning") {
    CHECK(resolved({}, {{"GATEWAYCTL_ROLE", "none"}}).role == Role::none);
    CHECK(resolved({}, {{"GATEWAYCTL_ROLE", "standby"}}).role == Role::standby);
    CHECK(resolved({}, {{"GATEWAYCTL_ROLE", "owner"}}).role == Role::owner);
    const auto settings = resolved({}, {{"GATEWAYCTL_ROLE", "Owner\n"}});
    CHECK(settings.role == Role::none);
    REQUIRE(settings.findings.size() == 1);
    CHECK(to_line(settings.findings[0]).find('\n') == std::string::npos);
}

TEST_CASE("settings: any program can be the gateway, the profile's name is put into its words") {
    ConfigFile config;
    config.command = {"/bin/gw", "--id={profile}-{profile}", "run"};
    auto settings = resolved({}, {}, config);
    CHECK(command_of(settings, *ProfileName::parse("w"))[1] == "--id=w-w");
    CHECK(command_of(settings, ProfileName::root())[1] == "--id=default-default");
    config.default_command = {"/bin/root-gw"};
    settings = resolved({}, {}, config);
    CHECK(command_of(settings, ProfileName::root()) == std::vector<std::string>{"/bin/root-gw"});
    CHECK(command_of(settings, *ProfileName::parse("w"))[0] == "/bin/gw");
}

TEST_CASE("settings: readiness is expected of gatewayctl run, and where it is configured") {
    Settings settings = resolved({}, {});
    CHECK_FALSE(notification_fd_of(settings, {"hermes", "gateway", "run"}));
    CHECK(notification_fd_of(settings, {"gatewayctl", "run", "--", "x"}) == 3);
    CHECK(notification_fd_of(settings, {"/usr/bin/gatewayctl", "run"}) == 3);
    CHECK_FALSE(notification_fd_of(settings, {"gatewayctl", "status"}));
    CHECK_FALSE(notification_fd_of(settings, {"mygatewayctl", "run"}));
    CHECK_FALSE(notification_fd_of(settings, {"gatewayctl"}));
    settings.notification_fd = 7;
    CHECK(notification_fd_of(settings, {"gatewayctl", "run"}) == 7);
}

TEST_CASE("settings: findings about the configuration file are handed on") {
    ConfigFile config;
    config.findings = {{"ignored-configuration", {}, "config.yaml is ignored", "why", {}}};
    const auto settings = resolved({}, {}, config);
    REQUIRE(settings.findings.size() == 1);
    CHECK(to_line(settings.findings[0]) == "config.yaml is ignored: why");
}
