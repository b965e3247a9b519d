#include "rules/host_service.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw {

namespace {

constexpr std::size_t tag_bytes = 4;

std::string tag_of(const std::string& home) {
    const auto digest = sha256(home);
    std::string tag;
    for (std::size_t i = 0; i < tag_bytes; ++i) {
        tag += fmt::format("{:02x}", digest[i]);
    }
    return tag;
}

bool is_tag(std::string_view text) {
    return text.size() == 2 * tag_bytes && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::string directory_of(const std::string& program) {
    return program.substr(0, std::max<std::size_t>(program.rfind('/'), 1));
}

bool is_below(const std::string& path, const std::string& directory) {
    return path == directory || path.starts_with(directory + "/");
}

} // namespace

std::string_view to_string(Scope scope) {
    return scope == Scope::system ? "system" : "user";
}

std::optional<Scope> parse_scope(std::string_view text) {
    for (const auto scope : {Scope::system, Scope::user}) {
        if (text == to_string(scope)) {
            return scope;
        }
    }
    return std::nullopt;
}

std::string canonical_home(Scope scope, const std::string& user_home) {
    return scope == Scope::system ? "/opt/data" : user_home + "/.hermes";
}

std::string host_service_name(const ProfileName& profile, const std::string& home,
                              const std::string& canonical) {
    return home == canonical ? profile.slot() : profile.slot() + "." + tag_of(home);
}

std::optional<ProfileName> profile_of_host_service(std::string_view name) {
    const auto dot = name.find('.');
    if (dot != std::string_view::npos && !is_tag(name.substr(dot + 1))) {
        return std::nullopt;
    }
    const auto profile = profile_of_slot(name.substr(0, dot));
    return profile ? std::optional(*profile) : std::nullopt;
}

Environment host_environment(const HostService& service) {
    const auto& spec = service.spec;
    Environment environment = {
        {"HERMES_HOME", spec.home},       {"HOME", spec.account.home},
        {"PATH", service.path},           {"GATEWAYCTL_PROFILE", spec.profile.str()},
        {"HERMES_SUPERVISED_CHILD", "1"},
    };
    if (spec.port) {
        environment.emplace_back("GATEWAYCTL_PORT", std::to_string(*spec.port));
    }
    if (spec.account.uid == 0) {
        // Root was asked for: `gatewayctl run` does not ask again.
        environment.emplace_back("GATEWAYCTL_USER", "root");
    }
    for (const auto& [key, value] : spec.environment) {
        const auto known = std::find_if(environment.begin(), environment.end(),
                                        [&](const auto& entry) { return entry.first == key; });
        if (known != environment.end()) {
            known->second = value;
        } else {
            environment.emplace_back(key, value);
        }
    }
    return environment;
}

bool is_fronted_by_run(const std::vector<std::string>& command) {
    return command.size() >= 2 && command[1] == "run" &&
           (command[0] == "gatewayctl" || command[0].ends_with("/gatewayctl"));
}

std::string host_path(const std::vector<std::string>& programs) {
    std::vector<std::string> directories;
    const auto add = [&](std::string directory) {
        if (std::find(directories.begin(), directories.end(), directory) == directories.end()) {
            directories.push_back(std::move(directory));
        }
    };
    for (const auto& program : programs) {
        add(directory_of(program));
    }
    for (const char* usual :
         {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"}) {
        add(usual);
    }
    std::string path;
    for (const auto& directory : directories) {
        path += (path.empty() ? "" : ":") + directory;
    }
    return path;
}

Result<void> check_installable(const SlotSpec& spec, const InstallExceptions& exceptions,
                               const std::string& temporary_directory) {
    // The last two are what macOS makes of /tmp and of TMPDIR.
    for (const std::string& place :
         {std::string("/tmp"), std::string("/var/tmp"), std::string("/dev/shm"),
          temporary_directory, std::string("/private/tmp"), std::string("/private/var/folders")}) {
        if (exceptions.temporary_home == InstallExceptions::TemporaryHome::refused &&
            !place.empty() && is_below(spec.home, place)) {
            return fail(Errc::bad_config,
                        fmt::format("the home {} is below {}: a service of it would outlive it",
                                    printable(spec.home), printable(place)),
                        "set HERMES_HOME to the real home, or add --temporary-home if this is it");
        }
    }
    if (exceptions.root_gateway == InstallExceptions::RootGateway::refused &&
        spec.account.uid == 0) {
        return fail(Errc::bad_config,
                    fmt::format("the home {} belongs to root, so its gateways would run as root",
                                printable(spec.home)),
                    "chown -R USER " + shell_quote(spec.home) +
                        ", or add --run-as-root if root is meant");
    }
    return {};
}

Result<void> check_service_path(std::string_view path) {
    std::string plain(path);
    std::erase(plain, '\\');
    const bool one_line = printable(plain) == plain && trimmed(path) == path;
    if (!path.starts_with('/') || !one_line || path.ends_with('\\')) {
        return fail(Errc::bad_config,
                    fmt::format("the path '{}' cannot stand in a service's file", printable(path)),
                    "use an absolute path without control characters");
    }
    return {};
}

} // namespace gw
