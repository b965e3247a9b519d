#include "render/systemd_unit.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace gw {

namespace {

constexpr std::string_view home_entry = "\nX-Gatewayctl-Home=";

/// On systemd 252 the delay cannot grow: 5 s is short enough after one crash, and a loop costs
/// twelve starts a minute until the death budget parks the gateway.
constexpr int fixed_restart_seconds = 5;
constexpr int first_restart_seconds = 1;
constexpr int restart_steps = 8;
constexpr int longest_restart_seconds = 300;

std::string doubled(std::string_view text, char c) {
    std::string out;
    for (const char each : text) {
        out.append(each == c ? 2 : 1, each);
    }
    return out;
}

/// In double quotes, with the escapes that both of systemd's word splitters know.
std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string path_text(std::string_view path) {
    return doubled(path, '%');
}

bool is_utf8_without(std::string_view text, std::string_view tolerated) {
    std::string rest(text);
    std::erase_if(rest, [&](char c) { return tolerated.find(c) != std::string_view::npos; });
    return printable(rest) == rest;
}

Result<void> check_for_unit(const HostService& service) {
    for (const auto* path : {&service.spec.home, &service.spec.profile_dir, &service.tool}) {
        if (auto good = check_service_path(*path); !good) {
            return good;
        }
    }
    if (service.spec.command.empty() || !service.spec.command[0].starts_with('/')) {
        return fail(Errc::bad_config, "the gateway's command is not an absolute path",
                    "set 'command' in gatewayctl.yaml");
    }
    for (const auto& [key, value] : service.spec.environment) {
        if (!is_utf8_without(value, "\\\t\n")) {
            return fail(Errc::bad_config,
                        fmt::format("the variable {} holds bytes that systemd refuses", key),
                        "give it to the gateway in a file");
        }
    }
    return {};
}

/// The program is not subject to `$` expansion, only its arguments are (systemd.service(5)).
std::string command_text(const std::vector<std::string>& command) {
    std::string out = in_quotes(path_text(command[0]));
    for (std::size_t i = 1; i < command.size(); ++i) {
        out += " " + exec_word(command[i]);
    }
    return out;
}

std::string unit_section(const HostService& service, Scope scope) {
    const auto& spec = service.spec;
    std::string out = fmt::format("[Unit]\nDescription=Gateway of profile {} ({})\n",
                                  spec.profile.str(), path_text(printable(spec.home)));
    if (scope == Scope::system) {
        // As an unprivileged user, ExecStop reaches systemd over the bus, also while the machine
        // goes down.
        out += fmt::format("Wants=network-online.target\n"
                           "After=network-online.target dbus.service\n"
                           "RequiresMountsFor={}\n",
                           in_quotes(path_text(spec.home)));
    }
    out +=
        "# systemd's own limit gives up for good without a word of how to go on. A gateway that\n"
        "# keeps failing is parked instead, with its reason: gatewayctl status.\n"
        "StartLimitIntervalSec=0\n";
    return out;
}

std::string identity_text(const HostService& service, Scope scope) {
    const auto& account = service.spec.account;
    std::string out;
    if (scope == Scope::system) {
        out += fmt::format("User={}\nGroup={}\n", account.uid, account.gid);
    }
    out += "WorkingDirectory=" + path_text(service.spec.profile_dir) + "\n";
    for (const auto& [key, value] : host_environment(service)) {
        out += "Environment=" + environment_word(key, value) + "\n";
    }
    out += fmt::format("SyslogIdentifier={}\n", service.name);
    return out;
}

/// One of this tool's own verbs as a command of the unit.
std::string hook_text(const HostService& service, Scope scope, std::string_view words) {
    return fmt::format("{} --home {} --scope {} -p {} {}", in_quotes(path_text(service.tool)),
                       exec_word(service.spec.home), to_string(scope), service.spec.profile.str(),
                       words);
}

std::string life_text(const HostService& service, Scope scope) {
    const auto& spec = service.spec;
    const bool fronted = is_fronted_by_run(spec.command);
    std::string out = fronted ? "Type=notify\nNotifyAccess=main\n" : "Type=exec\n";
    out += fmt::format("# A gateway that is slow to get ready is late, not dead.\n"
                       "TimeoutStartSec=infinity\n"
                       "# Says no to a parked gateway: gatewayctl start takes it out.\n"
                       "ExecCondition={}\n"
                       "ExecStart={}\n"
                       "# Marks the stop as planned, so that a bare `systemctl stop` is one too. "
                       "Not run before the\n"
                       "# gateway is ready: `gatewayctl run` then asks systemd itself whether a "
                       "stop was asked for.\n"
                       "ExecStop=-{}\n"
                       "# Counts the deaths, and parks when there are too many.\n"
                       "ExecStopPost=-{}\n",
                       hook_text(service, scope, "unit-start"), command_text(spec.command),
                       hook_text(service, scope, "unit-stop --pid $MAINPID"),
                       hook_text(service, scope, "unit-exit --unit %n $EXIT_CODE $EXIT_STATUS"));
    if (fronted) {
        out += "Environment=" +
               environment_word("GATEWAYCTL_SYSTEMD_UNIT",
                                fmt::format("{}:{}", to_string(scope), unit_file_name(service))) +
               "\n";
    }
    return out;
}

std::string restart_text(int systemd_version) {
    const std::string out =
        "# As under s6: an exit by itself with 0, and EX_CONFIG (78), which no "
        "restart can heal, are\n"
        "# final; anything else is started again, also an unmarked SIGTERM, which "
        "on-failure would\n"
        "# take for a clean end. 75 asks for the restart and is no failure.\n"
        "Restart=always\n"
        "RestartPreventExitStatus=0 78\n"
        "RestartForceExitStatus=75\n"
        "SuccessExitStatus=75\n";
    if (systemd_version >= systemd_with_restart_steps) {
        return out + fmt::format("RestartSec={}\nRestartSteps={}\nRestartMaxDelaySec={}\n",
                                 first_restart_seconds, restart_steps, longest_restart_seconds);
    }
    return out + fmt::format("RestartSec={}\n", fixed_restart_seconds);
}

std::string stop_text(const HostService& service) {
    return fmt::format(
        "# SIGTERM to the gateway alone, which drains and ends its own children; SIGKILL to all.\n"
        "KillMode=mixed\n"
        "TimeoutStopSec={}\n"
        "# The default would run ExecStop after an OOM kill and make a planned stop of it.\n"
        "OOMPolicy=continue\n",
        kill_timeout(service.spec.drain_timeout).count());
}

std::string sandbox_text(const HostService& service, Scope scope) {
    std::string out = "# A gateway runs other programs, in its home and in /tmp, and speaks to the "
                      "network: only\n"
                      "# what none of them needs is taken away.\n"
                      "NoNewPrivileges=yes\n"
                      "LockPersonality=yes\n"
                      "RestrictRealtime=yes\n";
    if (scope == Scope::system) {
        // Neither ProtectKernelTunables nor ProtectControlGroups: they mount /proc/sys anew (seen
        // with systemd 252), and where a container manager has bound a boot id of its own there, a
        // marker from outside of the unit would be of another boot. Both protect what is root's.
        out += "ProtectSystem=full\n"
               "ProtectClock=yes\n"
               "ProtectKernelLogs=yes\n"
               "ProtectKernelModules=yes\n"
               "ReadWritePaths=" +
               in_quotes(path_text(service.spec.home)) + "\n";
    }
    return out;
}

std::set<std::string> settings_in(std::string_view text) {
    std::set<std::string> settings;
    for (const auto line : lines_of(text)) {
        if (const auto words = trimmed(line); !words.empty() && words[0] != '#') {
            settings.emplace(words);
        }
    }
    return settings;
}

} // namespace

std::string exec_word(std::string_view word) {
    return in_quotes(doubled(doubled(word, '%'), '$'));
}

std::string environment_word(std::string_view key, std::string_view value) {
    return in_quotes(doubled(fmt::format("{}={}", key, value), '%'));
}

std::string_view target_of(Scope scope) {
    return scope == Scope::system ? "multi-user.target" : "default.target";
}

std::string unit_file_name(const HostService& service) {
    return service.name + ".service";
}

Result<std::string> render_unit(const HostService& service, Scope scope, int systemd_version) {
    if (auto good = check_for_unit(service); !good) {
        return std::unexpected(good.error());
    }
    const std::string profile = service.spec.profile.str();
    std::string out =
        fmt::format("# Rendered by gatewayctl: changes are lost at the next `gatewayctl install "
                    "{}`. Settings of\n"
                    "# your own belong into a drop-in: systemctl{} edit {}\n",
                    profile, scope == Scope::user ? " --user" : "", unit_file_name(service));
    out += unit_section(service, scope);
    out += "\n[Service]\n" + identity_text(service, scope) + life_text(service, scope);
    out += restart_text(systemd_version) + stop_text(service) + sandbox_text(service, scope);
    out += fmt::format("\n[Install]\nWantedBy={}\n", target_of(scope));
    out += fmt::format("\n[X-Gatewayctl]{}{}\nX-Gatewayctl-Profile={}\n", home_entry,
                       printable(service.spec.home), profile);
    return out;
}

std::optional<std::string> home_of_unit(std::string_view text) {
    const auto mark = text.find(home_entry);
    if (mark == std::string_view::npos) {
        return std::nullopt;
    }
    text.remove_prefix(mark + home_entry.size());
    return std::string(text.substr(0, text.find('\n')));
}

std::string unit_drift(std::string_view rendered, std::string_view installed) {
    if (rendered == installed) {
        return {};
    }
    const auto wanted = settings_in(rendered);
    const auto found = settings_in(installed);
    std::set<std::string> names;
    const auto collect = [&](const std::set<std::string>& some,
                             const std::set<std::string>& other) {
        for (const auto& line : some) {
            if (!other.contains(line)) {
                names.insert(printable(line.substr(0, line.find('='))));
            }
        }
    };
    collect(wanted, found);
    collect(found, wanted);
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out.empty() ? "comments or order" : out;
}

} // namespace gw
