#include "rules/setting_table.hpp"

#include <vector>

namespace gw {

namespace {

std::vector<SettingRow> of_places() {
    using enum Setting;
    return {
        {.setting = home,
         .name = "home",
         .flag = "--home",
         .variable = Variable::home,
         .default_words = "/opt/data",
         .meaning = "The root profile's directory; ROOT/profiles/NAME means ROOT."},
        {.setting = scandir,
         .name = "scandir",
         .flag = "--scandir",
         .variable = Variable::scandir,
         .default_words = "that of the tree: /run/gatewayctl/service or /run/service",
         .meaning = "The directory that s6-svscan watches."},
        {.setting = tree,
         .name = "tree",
         .variable = Variable::tree,
         .default_words = "the one that is there",
         .meaning = "own or shared: in which supervision tree the gateways live."},
        {.setting = no_new_privs,
         .name = "no_new_privs",
         .is_key = true,
         .form = "true or false",
         .otherwise = "taken as false",
         .default_words = "false",
         .meaning = "In an own tree: no program gains privileges (setuid, file capabilities)."},
        {.setting = manager,
         .name = "manager",
         .flag = "--manager",
         .variable = Variable::manager,
         .default_words = "detected",
         .meaning = "s6, systemd or launchd."},
        {.setting = scope,
         .name = "scope",
         .flag = "--scope",
         .variable = Variable::scope,
         .default_words = "system for root, else user",
         .meaning = "Of systemd: system or user."},
        {.setting = user,
         .name = "user",
         .variable = Variable::user,
         .default_words = "the owner of the home",
         .meaning = "As whom root runs the gateways: a name of the image, UID or UID:GID; root "
                    "asks for root."},
    };
}

std::vector<SettingRow> of_services() {
    using enum Setting;
    return {
        {.setting = command,
         .name = "command",
         .is_key = true,
         .form = "a list of words, as [mygateway, run]",
         .otherwise = "the default is used",
         .default_words = "[hermes, -p, \"{profile}\", gateway, run, --replace]",
         .meaning = "The argv of a named profile's gateway; {profile} is replaced."},
        {.setting = default_command,
         .name = "default_command",
         .is_key = true,
         .form = "a list of words, as [mygateway, run]",
         .otherwise = "that of the other profiles, or the default, is used",
         .default_words = "command if given, else [hermes, gateway, run, --replace]",
         .meaning = "The argv of the root profile's gateway."},
        {.setting = drain_timeout,
         .name = "drain_timeout",
         .variable = Variable::drain_timeout,
         .is_key = true,
         .form = "a number of seconds up to 86400",
         .otherwise = "60 is used",
         .default_words = "60",
         .meaning = "Seconds a gateway may take to finish its work."},
        {.setting = death_budget,
         .name = "death_budget",
         .is_key = true,
         .form = "a number of deaths, 1 or above",
         .otherwise = "the default is used",
         .default_words = "10",
         .meaning = "Deaths in a row until a gateway is parked."},
        {.setting = ports,
         .name = "ports",
         .variable = Variable::ports,
         .is_key = true,
         .form = "ranges of ports, as [9200-9799, 20000-29999]",
         .otherwise = "the default is used",
         .default_words = "[9200-9799, 20000-29999]",
         .meaning = "Ranges of ports for GATEWAYCTL_PORT, filled in this order."},
        {.setting = notification_fd,
         .name = "notification_fd",
         .is_key = true,
         .form = "a descriptor, 3 or above",
         .otherwise = "the default is used",
         .default_words = "3 under gatewayctl run, else none",
         .meaning = "The descriptor on which the gateway tells s6 that it is ready."},
    };
}

std::vector<SettingRow> of_containers() {
    using enum Setting;
    return {
        {.setting = wrapper,
         .name = "wrapper",
         .is_key = true,
         .form = "the name of a file",
         .otherwise = "main-wrapper.sh is used",
         .default_words = "main-wrapper.sh",
         .meaning = "Base name of the image's command wrapper, by which the container's command "
                    "is found."},
        {.setting = multiplex,
         .name = "multiplex_profiles",
         .variable = Variable::multiplex,
         .is_key = true,
         .form = "true or false",
         .otherwise = "taken as not given",
         .default_words = "false",
         .meaning = "One root gateway serves every profile. Also honoured in config.yaml of the "
                    "home, at its top level or below gateway."},
        {.setting = no_supervise,
         .name = "no_supervise",
         .variable = Variable::no_supervise,
         .default_words = "false",
         .meaning = "The container's command seeds nothing."},
        {.setting = first_boot_seed,
         .name = "first_boot_seed",
         .variable = Variable::first_boot_seed,
         .default_words = "stopped",
         .meaning = "running: start default on a volume that was never used."},
    };
}

std::vector<SettingRow> of_members() {
    using enum Setting;
    return {
        {.setting = role,
         .name = "role",
         .variable = Variable::role,
         .is_key = true,
         .form = "owner, standby or none",
         .otherwise = "taken as none: when in doubt, no gateway runs twice",
         .default_words = "owner",
         .meaning = "Of containers that share a volume: owner, standby or none."},
        {.setting = member,
         .name = "member",
         .variable = Variable::member,
         .is_key = true,
         .form = "a name",
         .otherwise = "the host name is used",
         .default_words = "the host name",
         .meaning = "What this container is called where several share a volume."},
        {.setting = fleet,
         .name = "fleet",
         .is_key = true,
         .form = "a mapping, see docs/fleet.md",
         .otherwise = "no gateway starts here: when in doubt, none runs twice",
         .default_words = "no fleet: one machine has the volume",
         .meaning = "How members on several machines agree, through etcd, on who runs what."},
        {.setting = config,
         .name = "config",
         .variable = Variable::config,
         .default_words = "gatewayctl.yaml of the home, else /etc/gatewayctl.yaml",
         .meaning = "The configuration file."},
    };
}

} // namespace

std::span<const SettingRow> setting_table() {
    static const std::vector<SettingRow> rows = [] {
        auto all = of_places();
        for (const auto& more : {of_services(), of_containers(), of_members()}) {
            all.insert(all.end(), more.begin(), more.end());
        }
        return all;
    }();
    return rows;
}

const SettingRow& row_of(Setting setting) {
    return setting_table()[static_cast<std::size_t>(setting)];
}

} // namespace gw
