/// What the tool was told: flags beat environment beats configuration file beats default.
#pragma once

#include "base/error.hpp"
#include "base/finding.hpp"
#include "base/profile_name.hpp"
#include "rules/fleet_settings.hpp"
#include "rules/port.hpp"
#include "rules/time_limits.hpp"
#include "rules/tree.hpp"
#include "rules/variables.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// What a configuration file says; nullopt where it is silent. See docs/configuration.md.
struct ConfigFile {
    std::optional<bool> multiplex;
    std::optional<std::vector<std::string>> command;         ///< `{profile}` is replaced
    std::optional<std::vector<std::string>> default_command; ///< for the profile `default`
    std::optional<seconds> drain_timeout;
    std::optional<int> notification_fd;
    std::optional<int> death_budget;
    std::optional<PortRanges> ports;
    std::optional<std::string> wrapper; ///< base name of the image's command wrapper
    std::optional<bool> no_new_privs;
    std::optional<std::string> role;   ///< one of the words of GATEWAYCTL_ROLE
    std::optional<std::string> member; ///< the name of this container, or host
    std::optional<FleetSettings> fleet;
    std::vector<Finding> findings; ///< what was wrong with it
    /// A file that is there, or was asked for, and says nothing because it cannot be read as a
    /// whole: "/data/gatewayctl.yaml".
    std::optional<std::string> unusable;
};

/// Global flags of the command line.
struct Flags {
    std::optional<std::string> home;
    std::optional<std::string> scandir;
    std::optional<std::string> manager;
    std::optional<std::string> scope;
};

/// `GATEWAYCTL_ROLE`: what a container that shares a volume with others does.
enum class Role {
    owner,   ///< runs the volume's gateways, unless another one does
    none,    ///< must not run gateways
    standby, ///< as owner, and waits until the volume is free
};
std::string_view to_string(Role role);
/// nullopt for a word that nobody knows.
std::optional<Role> parse_role(std::string_view word);

/// What flags and environment say: all that root knows before it has left root, because the
/// configuration may lie on the volume.
struct Surroundings {
    std::string home;
    std::string scandir;
    std::optional<TreeKind> tree;       ///< whose scandir that is; nullopt: it was named
    std::optional<std::string> manager; ///< forced; nullopt: detect
    std::optional<std::string> scope;   ///< `system` or `user`; nullopt: system for root, else user
    std::optional<std::string> user;    ///< GATEWAYCTL_USER: who runs the gateways, for root
    std::optional<std::string> config;  ///< GATEWAYCTL_CONFIG: the configuration file
    std::optional<Role> role_told;      ///< GATEWAYCTL_ROLE
    bool no_supervise = false;          ///< the container opted out of seeding from its command
    bool first_boot_seed = false;       ///< start `default` on a volume that was never used
    std::vector<Finding> findings;      ///< what was wrong with any of the sources
};

struct Settings : Surroundings {
    bool multiplex = false;
    std::vector<std::string> command;
    std::vector<std::string> default_command;
    seconds drain_timeout = default_drain_timeout;
    std::optional<int> notification_fd;
    int death_budget = death_tally_size; ///< deaths in a row until a gateway is parked
    PortRanges ports = default_port_ranges;
    std::string wrapper;
    Role role = Role::owner;
    std::optional<std::string> member;     ///< nullopt: the host name
    TreeKind tree_kind = TreeKind::shared; ///< that the scandir belongs to
    bool no_new_privs = false;             ///< in an own tree: no program gains privileges
    /// The configuration file that cannot be used, so that what a service should be made of is not
    /// known: one that is there keeps what it was made of.
    std::optional<std::string> unusable_config;
    std::optional<FleetSettings> fleet; ///< several machines have the volume
};

/// Where the home is.
std::string home_setting(const Flags& flags, const EnvironmentLookup& environment,
                         std::vector<Finding>& findings);

/// `otherwise`: the tree that counts where neither a scandir nor GATEWAYCTL_TREE says.
Surroundings resolve_surroundings(const Flags& flags, const EnvironmentLookup& environment,
                                  TreeKind otherwise = TreeKind::shared);

/// The findings of the configuration come first.
Settings resolve_settings(Surroundings surroundings, const EnvironmentLookup& environment,
                          const ConfigFile& config);

/// Whether an operator's verb may make a service: Errc::bad_config while the configuration cannot
/// be used. (A boot pass makes one of the defaults, because a container without its gateways is
/// worse.)
Result<void> check_config_usable(const Settings& settings);
/// Where the fence of this member is in a fleet: in its scandir, which lies on a tmpfs and belongs
/// to whoever runs the gateways; s6-svscan leaves names with a dot alone.
std::string fence_directory(const Settings& settings);

/// What stands in `command` for the profile's name, the only word in braces that is replaced.
inline constexpr std::string_view profile_placeholder = "{profile}";
/// The first word in braces that is probably a slip of it, such as "{profil}" or "{Profile}";
/// others, as in JSON, are left alone.
std::optional<std::string> slip_of_placeholder(std::string_view word);

/// The argv of a profile's gateway.
std::vector<std::string> command_of(const Settings& settings, const ProfileName& profile);

/// s6-supervise does not tell its readiness descriptor; this is the one that a slot of ours has.
inline constexpr int s6_customary_fd = 3;

/// The descriptor on which the gateway tells s6 that it is ready: configured, or 3 when the command
/// is `gatewayctl run`, which always tells.
std::optional<int> notification_fd_of(const Settings& settings,
                                      const std::vector<std::string>& command);

/// A drain timeout in seconds; nullopt for what is no whole or decimal number, is negative,
/// infinite or longer than `max_drain_timeout`.
std::optional<seconds> parse_drain_timeout(std::string_view text);

/// The drain timeout that a text asks for; the default, with a finding that names the source, for
/// what is none.
seconds drain_timeout_of(std::string_view source, const std::string& text,
                         std::vector<Finding>& findings);

} // namespace gw
