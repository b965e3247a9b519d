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
    config.drain_timeout = seconds{120};
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

TEST_CASE("settings: ports that are none are not used, with a warning") {
    ConfigFile config;
    config.ports = {{100, 200}};
    CHECK(resolved({}, {}).ports == default_port_ranges);
    CHECK(resolved({}, {}, config).ports == config.ports);
    CHECK(resolved({}, {{"GATEWAYCTL_PORTS", "300-400,500"}}, config).ports ==
          PortRanges{{300, 400}, {500, 500}});
    const auto settings = resolved({}, {{"GATEWAYCTL_PORTS", "400-300"}}, config);
    CHECK(settings.ports == config.ports);
    REQUIRE(settings.findings.size() == 1);
    CHECK(settings.findings[0].code == "bad-ports");
}

TEST_CASE("settings: a role nobody knows runs no gateways, with a warning") {
    CHECK(resolved({}, {{"GATEWAYCTL_ROLE", "none"}}).role == Role::none);
    CHECK(resolved({}, {{"GATEWAYCTL_ROLE", "standby"}}).role == Role::standby);
    CHECK(resolved({}, {{"GATEWAYCTL_ROLE", "owner"}}).role == Role::owner);
    const auto settings = resolved({}, {{"GATEWAYCTL_ROLE", "ownr"}});
    CHECK(settings.role == Role::none);
    REQUIRE(settings.findings.size() == 1);
    CHECK(to_line(settings.findings[0]) ==
          "GATEWAYCTL_ROLE 'ownr' is none of owner, none, standby, did you mean 'owner'?: taken as "
          "none: when in doubt, no gateway runs twice");
}

TEST_CASE("settings: the quotes and line ends of an env file are not the value, and it is said") {
    const std::vector<std::pair<std::string, std::string>> wraps = {
        {"", "\r"}, {"\"", "\""}, {"'", "'"}, {"\"", "\"\r"}};
    for (const auto& [before, after] : wraps) {
        const auto wrap = [&](const std::string& value) { return before + value + after; };
        CAPTURE(wrap("x"));
        const auto settings = resolved({}, {{"HERMES_HOME", wrap("/srv/data")},
                                            {"S6_PROFILE_GATEWAY_SCANDIR", wrap("/srv/scan")},
                                            {"GATEWAYCTL_MANAGER", wrap("s6")},
                                            {"GATEWAYCTL_SCOPE", wrap("user")},
                                            {"GATEWAYCTL_USER", wrap("app")},
                                            {"GATEWAYCTL_CONFIG", wrap("/srv/c.yaml")},
                                            {"GATEWAYCTL_ROLE", wrap("standby")},
                                            {"GATEWAYCTL_DRAIN_TIMEOUT", wrap("90")},
                                            {"GATEWAY_MULTIPLEX_PROFILES", wrap("true")},
                                            {"HERMES_GATEWAY_NO_SUPERVISE", wrap("1")},
                                            {"HERMES_GATEWAY_BOOTSTRAP_STATE", wrap("running")}});
        CHECK(settings.home == "/srv/data");
        CHECK(settings.scandir == "/srv/scan");
        CHECK(settings.manager == "s6");
        CHECK(settings.scope == "user");
        CHECK(settings.user == "app");
        CHECK(settings.config == "/srv/c.yaml");
        CHECK(settings.role == Role::standby);
        CHECK(settings.drain_timeout == seconds{90});
        CHECK(settings.multiplex);
        CHECK(settings.no_supervise);
        CHECK(settings.first_boot_seed);
        // A line end is a blank to a toggle and to a number, as it always was.
        CHECK(settings.findings.size() >= 9);
    }
}

TEST_CASE("settings: a word or switch that nobody knows is never taken in silence") {
    for (const auto& row : variable_table()) {
        if (row.kind != VariableKind::word && row.kind != VariableKind::toggle) {
            continue;
        }
        CAPTURE(row.name);
        std::vector<Finding> findings;
        (void)read_variable(row.variable, environment({{std::string(row.name), "perhaps"}}),
                            findings);
        REQUIRE(findings.size() == 1);
        CHECK(findings[0].code == "unknown-value");
        CHECK_FALSE(findings[0].why.empty());
    }
    CHECK(resolved({}, {{"HERMES_GATEWAY_BOOTSTRAP_STATE", "Running"}}).first_boot_seed);
    CHECK_FALSE(resolved({}, {{"GATEWAY_MULTIPLEX_PROFILES", "enabled"}}).multiplex);
}

TEST_CASE("settings: the table of variables is in the order of their names in the program") {
    for (std::size_t i = 0; i < variable_table().size(); ++i) {
        CHECK(static_cast<std::size_t>(variable_table()[i].variable) == i);
    }
}

TEST_CASE("settings: the name of a variable that is a slip of one of ours is said") {
    const std::vector<std::string> names = {"GATEWAYCTL_ROL",  "GATEWAYCTL_COLOUR",
                                            "HERMES_HOST",     "HERMES_GATEWAY_NO_SUPERVISED",
                                            "GATEWAYCTL_ROLE", "PATH",
                                            "HERMES_HOME",     "GATEWAYCTL_PROFILE"};
    const auto findings = unknown_variables(names);
    REQUIRE(findings.size() == 3);
    CHECK(to_line(findings[0]) ==
          "there is no variable GATEWAYCTL_ROL, did you mean 'GATEWAYCTL_ROLE'?: it is ignored");
    CHECK(to_line(findings[1]) == "there is no variable GATEWAYCTL_COLOUR: it is ignored");
    CHECK(findings[2].what.ends_with("did you mean 'HERMES_GATEWAY_NO_SUPERVISE'?"));
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

TEST_CASE("settings: the capacity of a fleet's member is its variable, then the shared file's") {
    ConfigFile config;
    config.fleet = FleetSettings{.capacity = 3};
    CHECK(resolved({}, {}, config).fleet->capacity == 3);
    CHECK(resolved({}, {{"GATEWAYCTL_CAPACITY", "7"}}, config).fleet->capacity == 7);
    const auto wrong = resolved({}, {{"GATEWAYCTL_CAPACITY", "0"}}, config);
    CHECK(wrong.fleet->problems ==
          std::vector<std::string>{"GATEWAYCTL_CAPACITY '0' must be a whole number above 0"});
    CHECK_FALSE(resolved({}, {{"GATEWAYCTL_CAPACITY", "7"}}).fleet);
}
