#include "supervise/host/systemctl.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_words.hpp"
#include "rules/time_limits.hpp"
#include "sys/accounts.hpp"
#include "sys/caller.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace gw::supervise {

namespace {

/// Words of systemctl 245 to 257, looked for in its stderr: its exit code is 1 for nearly
/// everything.
struct Symptom {
    std::string_view words;
    Errc code;
};
constexpr std::array<Symptom, 15> symptoms = {{
    {"Access denied", Errc::not_permitted},
    {"Permission denied", Errc::not_permitted},
    {"nteractive authentication required", Errc::not_permitted},
    {"not authorized", Errc::not_permitted},
    {"Operation not permitted", Errc::not_permitted},
    {"Read-only file system", Errc::not_permitted},
    {"No medium found", Errc::no_manager},
    {"XDG_RUNTIME_DIR not defined", Errc::no_manager},
    {"Failed to connect to bus", Errc::no_manager},
    {"Failed to connect to user scope bus", Errc::no_manager},
    {"not been booted with systemd", Errc::no_manager},
    {"not found", Errc::not_registered},
    {"not loaded", Errc::not_registered},
    {"does not exist", Errc::not_registered},
    {"timed out", Errc::timed_out},
}};

std::string remedy(Errc code, Scope scope) {
    const auto uid = sys::effective_uid();
    switch (code) {
    case Errc::not_permitted:
        return scope == Scope::system
                   ? "run it as root (sudo gatewayctl …), or use your own systemd: --scope user"
                   : "run it as the user whose systemd it is";
    case Errc::no_manager:
        return scope == Scope::user ? fmt::format("sudo loginctl enable-linger {0}; "
                                                  "export XDG_RUNTIME_DIR=/run/user/{0}",
                                                  uid)
                                    : "gatewayctl --scope user …, or gatewayctl detect";
    case Errc::not_registered:
        return "gatewayctl status";
    case Errc::timed_out:
        return fmt::format("systemctl{} list-jobs", scope == Scope::user ? " --user" : "");
    default:
        return {};
    }
}

Error slow(Scope scope, Error error) {
    return std::move(error).advise(remedy(Errc::timed_out, scope));
}

} // namespace

Properties parse_properties(std::string_view text) {
    Properties properties;
    for (const auto line : lines_of(text)) {
        if (const auto equals = line.find('='); equals != std::string_view::npos) {
            properties.insert_or_assign(std::string(line.substr(0, equals)),
                                        std::string(line.substr(equals + 1)));
        }
    }
    return properties;
}

std::optional<KillLimit> kill_limit_of(const Properties& properties, Scope scope) {
    const auto word = [&properties](std::string_view name) {
        const auto found = properties.find(name);
        return found == properties.end() ? std::string() : found->second;
    };
    const auto limit = parse_span(word("TimeoutStopUSec"));
    if (!limit) {
        return std::nullopt;
    }
    KillLimit found{*limit, word("DropInPaths"), {}};
    const bool user = scope == Scope::user;
    const auto reload = fmt::format("systemctl{} daemon-reload", user ? " --user" : "");
    const std::string by = user ? "" : "as root: ";
    if (!found.said_by.empty()) {
        found.cure = fmt::format("{}sed -i -E '/^Timeout(Stop)?Sec *=/d' {} && {}", by,
                                 found.said_by, reload);
    } else if (word("NeedDaemonReload") == "yes") {
        found.cure = by + reload;
    }
    return found;
}

bool ends_unit(std::string_view jobs, std::string_view unit) {
    constexpr std::array<std::string_view, 3> ending = {"stop", "restart", "try-restart"};
    for (const auto job : lines_of(jobs)) {
        const auto words = words_of(job); // "ID UNIT TYPE STATE", in columns
        if (words.size() > 2 && words[1] == unit &&
            std::find(ending.begin(), ending.end(), words[2]) != ending.end()) {
            return true;
        }
    }
    return false;
}

Error systemctl_error(Scope scope, const Argv& argv, const sys::CommandOutput& output) {
    const auto words = trimmed(output.err);
    const auto* const symptom =
        std::find_if(symptoms.begin(), symptoms.end(), [&](const Symptom& each) {
            return words.find(each.words) != std::string_view::npos;
        });
    const Errc code = symptom == symptoms.end() ? Errc::command_failed : symptom->code;
    return {code,
            fmt::format("{} failed with code {}: {}", shell_join(argv), output.exit_code,
                        words.empty() ? "it said nothing" : printable(words)),
            remedy(code, scope)};
}

Result<Scope> scope_of(const Surroundings& settings) {
    if (!settings.scope) {
        return sys::caller().uid == 0 ? Scope::system : Scope::user;
    }
    if (const auto scope = parse_scope(*settings.scope)) {
        return *scope;
    }
    return fail(Errc::usage, fmt::format("there is no scope '{}'", printable(*settings.scope)),
                "--scope system or user");
}

Result<Systemctl> Systemctl::open(Scope scope) {
    if (const auto tool = sys::find_tool("systemctl"); !tool) {
        return fail(Errc::no_manager, "there is no systemctl in PATH: this is no systemd machine",
                    "gatewayctl detect");
    }
    return Systemctl(scope);
}

Argv Systemctl::argv(Argv words) const {
    Argv all = {"systemctl"};
    if (scope_ == Scope::user) {
        all.emplace_back("--user");
    }
    // Never ask a question on a terminal that may not be there.
    all.emplace_back("--no-ask-password");
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

Result<Properties> Systemctl::show(const std::string& unit, const std::string& names) const {
    Argv words = {"show", "--timestamp=unix", "--property=" + names};
    if (!unit.empty()) {
        words.insert(words.end(), {"--", unit});
    }
    const Argv all = argv(std::move(words));
    auto output = sys::query(all, tool_deadline);
    if (!output) {
        return std::unexpected(slow(scope_, std::move(output.error())));
    }
    auto properties = parse_properties(output->out);
    if (output->exit_code != 0 && properties.empty()) {
        return std::unexpected(systemctl_error(scope_, all, *output));
    }
    return properties;
}

Result<std::string> Systemctl::jobs() const {
    const Argv all = argv({"list-jobs", "--no-legend", "--plain", "--full"});
    auto output = sys::query(all, tool_deadline);
    if (!output) {
        return std::unexpected(slow(scope_, std::move(output.error())));
    }
    return output->exit_code == 0 ? Result<std::string>(std::move(output->out))
                                  : std::unexpected(systemctl_error(scope_, all, *output));
}

Result<void> Systemctl::command(sys::Effects& effects, Argv words) const {
    const Argv all = argv(std::move(words));
    const sys::RootAgain only_root_commands_the_system;
    auto output = effects.run(all, tool_deadline);
    if (!output) {
        return std::unexpected(slow(scope_, std::move(output.error())));
    }
    return output->exit_code == 0 ? Result<void>{}
                                  : std::unexpected(systemctl_error(scope_, all, *output));
}

Result<int> Systemctl::version() const {
    const auto output = sys::query({"systemctl", "--version"}, tool_deadline);
    if (!output) {
        return std::unexpected(output.error());
    }
    constexpr std::string_view prefix = "systemd ";
    const auto begin = output->out.find(prefix);
    if (begin == std::string::npos) {
        return fail(Errc::command_failed, "systemctl --version does not say a version");
    }
    return leading_number<int>(std::string_view(output->out).substr(begin + prefix.size()))
        .value_or(0);
}

bool systemd_answers(Scope scope) {
    const auto systemctl = Systemctl::open(scope);
    return systemctl && systemctl->show("", "Version").has_value();
}

Result<bool> goes_down(Scope scope) {
    const auto systemctl = Systemctl::open(scope);
    const auto manager = systemctl ? systemctl->show("", "SystemState")
                                   : Result<Properties>(std::unexpected(systemctl.error()));
    if (!manager) {
        return std::unexpected(manager.error());
    }
    const auto state = manager->find("SystemState");
    return state != manager->end() && state->second == "stopping";
}

Result<bool> stop_was_asked(Scope scope, const std::string& unit) {
    const auto down = goes_down(scope);
    if (!down || *down) {
        return down ? Result<bool>(false) : std::unexpected(down.error());
    }
    const auto seen = Systemctl::open(scope)->show(unit, "ActiveState");
    if (!seen) {
        return std::unexpected(seen.error());
    }
    const auto state = seen->find("ActiveState");
    return state != seen->end() && state->second == "deactivating";
}

Result<bool> was_commanded_down(Scope scope, const std::string& unit) {
    const auto systemctl = Systemctl::open(scope);
    const auto jobs = systemctl ? systemctl->jobs() : std::unexpected(systemctl.error());
    return jobs ? Result<bool>(ends_unit(*jobs, unit)) : std::unexpected(jobs.error());
}

} // namespace gw::supervise
