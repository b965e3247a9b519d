/// What a systemd unit and a launchd plist have in common: what they are rendered from, how they
/// are named, and which homes must not become one. Pure.
#pragma once

#include "base/error.hpp"
#include "rules/slot_spec.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// Whose systemd: the machine's, or the one of the user who calls. launchd has the second only.
enum class Scope { system, user };
std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);

/// Everything a unit or plist is rendered from.
struct HostService {
    SlotSpec spec;    ///< `command[0]` is absolute: neither supervisor searches a PATH of ours
    std::string name; ///< from `host_service_name`
    std::string tool; ///< this program, absolute, as PATH finds it
    std::string path; ///< PATH of the gateway
};

/// The home whose services carry the plain name: `/opt/data` for the system, `~/.hermes` for a
/// user.
std::string canonical_home(Scope scope, const std::string& user_home);

/// `gateway-<profile>` for the canonical home and `gateway-<profile>.<8 hex digits of the home's
/// SHA-256>` for any other, so that two homes on one machine never share a name: a profile's name
/// holds no dot, so neither form can be taken for the other.
std::string host_service_name(const ProfileName& profile, const std::string& home,
                              const std::string& canonical);
/// The profile of such a name; nullopt when it is none.
std::optional<ProfileName> profile_of_host_service(std::string_view name);

/// What the gateway finds in its environment; the profile's own variables come last and win.
Environment host_environment(const HostService& service);

/// Whether the command is fronted by `gatewayctl run`, which tells its supervisor when it is ready
/// and knows a planned stop from any other.
bool is_fronted_by_run(const std::vector<std::string>& command);

/// PATH of the gateway: the directories of these programs as they were found, symlinks unresolved
/// (an upgrade moves the link's target), then the system's usual ones.
std::string host_path(const std::vector<std::string>& programs);

/// A service outlives the shell that installs it. Each of these is refused unless it is asked for
/// in so many words.
struct InstallExceptions {
    enum class TemporaryHome { refused, allowed } temporary_home = TemporaryHome::refused;
    enum class RootGateway { refused, allowed } root_gateway = RootGateway::refused;
};

/// Errc::bad_config for a home below a temporary directory (field report #106611: a test's home
/// became the real unit) and for a gateway that would run as root only because its home happens to
/// be root's. `temporary_directory`: TMPDIR of the caller, empty if none.
Result<void> check_installable(const SlotSpec& spec, const InstallExceptions& exceptions,
                               const std::string& temporary_directory);

/// Errc::bad_config for a path that cannot stand in a unit or plist: relative, not UTF-8, with
/// control characters or a blank or backslash at its end.
Result<void> check_service_path(std::string_view path);

} // namespace gw
