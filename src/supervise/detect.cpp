#include "supervise/detect.hpp"

#include "base/text.hpp"
#include "rules/container_command.hpp"
#include "supervise/host/launchd.hpp"
#include "supervise/host/systemd.hpp"
#include "supervise/s6/manager.hpp"
#include "sys/accounts.hpp"
#include "sys/directory.hpp"
#include "sys/machine.hpp"
#include "sys/processes.hpp"

#include <fmt/format.h>

namespace gw::supervise {

std::string_view to_string(ManagerKind kind) {
    switch (kind) {
    case ManagerKind::s6:
        return "s6";
    case ManagerKind::systemd:
        return "systemd";
    case ManagerKind::launchd:
        break;
    }
    return "launchd";
}

std::optional<ManagerKind> parse_manager_kind(std::string_view text) {
    for (const auto kind : {ManagerKind::s6, ManagerKind::systemd, ManagerKind::launchd}) {
        if (text == to_string(kind)) {
            return kind;
        }
    }
    return std::nullopt;
}

DetectionFacts detection_facts() {
    DetectionFacts facts;
    facts.pid1_comm = sys::comm_of(Pid{1});
    facts.s6_basedir = sys::Directory::open("/run/s6/basedir").has_value();
    facts.macos = sys::is_macos();
    // sd_booted(3): the system manager is PID 1 exactly when this directory exists.
    facts.systemd_answers = sys::Directory::open("/run/systemd/system").has_value();
    return facts;
}

TreeKind tree_found_here() {
    const auto holds = [](const char* path, const char* name) {
        const auto directory = sys::Directory::open(path);
        return directory && directory->has(name);
    };
    // Whatever is in the scandir itself is the user's: root has no business there.
    return holds("/run/gatewayctl", "service") ||
                   holds("/etc/s6-overlay/s6-rc.d/user/contents.d", "gateways")
               ? TreeKind::own
               : TreeKind::shared;
}

TreeKind tree_of_scandir(const Surroundings& told) {
    if (told.tree) {
        return *told.tree;
    }
    const auto scandir = sys::Directory::open(told.scandir);
    return scandir && scandir->has(own_tree_mark) ? TreeKind::own : TreeKind::shared;
}

std::optional<ManagerKind> detect(const DetectionFacts& facts) {
    if (facts.pid1_comm == "s6-svscan" && facts.s6_basedir) {
        return ManagerKind::s6;
    }
    if (facts.macos) {
        return ManagerKind::launchd;
    }
    return facts.systemd_answers ? std::optional(ManagerKind::systemd) : std::nullopt;
}

Result<ManagerKind> manager_kind(const Surroundings& settings) {
    if (settings.manager) {
        const auto kind = parse_manager_kind(*settings.manager);
        if (!kind) {
            return fail(Errc::usage, "there is no manager '" + printable(*settings.manager) + "'",
                        "--manager s6, systemd or launchd");
        }
        return *kind;
    }
    // A named scandir tells by its mark; root does not look into what may be the user's.
    if (settings.tree == TreeKind::own || (!settings.tree && sys::effective_uid() != 0 &&
                                           tree_of_scandir(settings) == TreeKind::own)) {
        return ManagerKind::s6;
    }
    if (const auto kind = detect(detection_facts())) {
        return *kind;
    }
    return fail(Errc::no_manager,
                "no supervisor was found: PID 1 is not s6-svscan with /run/s6/basedir, and no "
                "systemd answers",
                "gatewayctl --manager s6 --scandir DIR …, where s6-svscan watches DIR");
}

ContainerFacts container_here(const Settings& settings) {
    std::vector<ProcessCommand> seen;
    for (const Pid pid : sys::all_pids()) {
        ProcessCommand process{pid, {}, sys::command_line(pid)};
        if (name_rc_init(process.argv)) {
            const auto info = sys::process_info(pid);
            process.parent = info ? info->parent : Pid{};
        }
        seen.push_back(std::move(process));
        if (name_wrapper(seen.back().argv, settings.wrapper)) {
            break;
        }
    }
    return container_facts(settings, seen);
}

ContainerFacts container_here(const ServiceManager& manager, const Settings& settings) {
    return manager.traits().registers ? container_here(settings) : container_facts(settings, {});
}

Result<void> check_slots_are_used(const Surroundings& told) {
    const bool named = !told.tree;
    const auto kind = named && !told.manager ? ManagerKind::s6 : manager_kind(told);
    return !kind || *kind == ManagerKind::s6
               ? Result<void>{}
               : fail(Errc::unsupported,
                      fmt::format("{} runs the gateways here, and only s6 has slots: nothing is "
                                  "touched",
                                  to_string(*kind)),
                      "gatewayctl list, and gatewayctl install for each that has no service");
}

Result<std::unique_ptr<ServiceManager>> make_manager(const store::Home& home,
                                                     const Settings& settings) {
    const auto kind = manager_kind(settings);
    if (!kind) {
        return std::unexpected(kind.error());
    }
    switch (*kind) {
    case ManagerKind::s6:
        return S6Manager::open(home, settings);
    case ManagerKind::systemd: {
        const auto scope = scope_of(settings);
        return scope ? make_systemd_manager(home, settings, *scope)
                     : std::unexpected(scope.error());
    }
    case ManagerKind::launchd:
        break;
    }
    return make_launchd_manager(home, settings);
}

} // namespace gw::supervise
