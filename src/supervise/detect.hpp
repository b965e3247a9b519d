/// Which supervisor is in charge here.
#pragma once

#include "rules/container_facts.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "supervise/manager.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gw::supervise {

/// What detection looks at; readable by an unprivileged user, so not /proc/1/exe.
struct DetectionFacts {
    std::string pid1_comm;   ///< /proc/1/comm
    bool s6_basedir = false; ///< /run/s6/basedir is a directory
    bool macos = false;
    bool systemd_answers = false; ///< a system or user manager
};

DetectionFacts detection_facts();

/// The tree of this container or host, where nothing says which: `own` when `gatewayctl tree` has
/// made its directory, or when it is a service of the image (s6-overlay's `user` bundle), so that a
/// boot hook before it knows.
TreeKind tree_found_here();

/// The tree that a scandir belongs to: the default one's, or, where it was named, the one whose
/// mark is in it.
TreeKind tree_of_scandir(const Surroundings& told);

/// s6 by s6 (not by the container technology, field report #47111), then launchd, then systemd.
std::optional<ManagerKind> detect(const DetectionFacts& facts);

std::optional<ManagerKind> parse_manager_kind(std::string_view text);

/// The kind to use: forced by flag or environment, else s6 in an own tree, else detected.
/// Errc::no_manager when there is none, Errc::usage for an unknown word.
Result<ManagerKind> manager_kind(const Surroundings& settings);

/// What the settings and the processes of a container say about whose gateways run here. No more
/// processes are looked at than it takes to know.
ContainerFacts container_here(const Settings& settings);
/// The same, where a supervisor of a host has no container to ask.
ContainerFacts container_here(const ServiceManager& manager, const Settings& settings);

/// Errc::unsupported, with what makes a service here, where a host's supervisor runs the gateways:
/// slots would be made for nobody. Whoever names a scandir means it.
Result<void> check_slots_are_used(const Surroundings& told);

/// The backend in charge. `home` and `settings` must outlive it.
Result<std::unique_ptr<ServiceManager>> make_manager(const store::Home& home,
                                                     const Settings& settings);

} // namespace gw::supervise
