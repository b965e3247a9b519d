#include "rules/effective_settings.hpp"

#include "base/text.hpp"

namespace gw {

namespace {

std::string word_of(bool value) {
    return value ? "true" : "false";
}

std::string value_of_place(Setting setting, const Settings& settings) {
    switch (setting) {
    case Setting::home:
        return settings.home;
    case Setting::scandir:
        return settings.scandir;
    case Setting::tree:
        return std::string(to_string(settings.tree_kind));
    case Setting::manager:
        return settings.manager.value_or("");
    case Setting::scope:
        return settings.scope.value_or("");
    case Setting::user:
        return settings.user.value_or("");
    case Setting::config:
        return settings.config.value_or("");
    default:
        return "";
    }
}

std::string value_of(Setting setting, const Settings& settings) {
    switch (setting) {
    case Setting::no_new_privs:
        return word_of(settings.no_new_privs);
    case Setting::command:
        return shell_join(settings.command);
    case Setting::default_command:
        return shell_join(settings.default_command);
    case Setting::drain_timeout:
        return std::to_string(settings.drain_timeout.count());
    case Setting::death_budget:
        return std::to_string(settings.death_budget);
    case Setting::ports:
        return to_string(settings.ports);
    case Setting::notification_fd:
        return settings.notification_fd ? std::to_string(*settings.notification_fd) : "";
    case Setting::wrapper:
        return settings.wrapper;
    case Setting::multiplex:
        return word_of(settings.multiplex);
    case Setting::no_supervise:
        return word_of(settings.no_supervise);
    case Setting::first_boot_seed:
        return settings.first_boot_seed ? "running" : "stopped";
    case Setting::role:
        return std::string(to_string(settings.role));
    case Setting::member:
        return settings.member.value_or("");
    case Setting::fleet:
        return settings.fleet ? to_text(*settings.fleet) : "";
    default:
        return value_of_place(setting, settings);
    }
}

bool was_flagged(Setting setting, const Flags& flags) {
    switch (setting) {
    case Setting::home:
        return flags.home.has_value();
    case Setting::scandir:
        return flags.scandir.has_value();
    case Setting::manager:
        return flags.manager.has_value();
    case Setting::scope:
        return flags.scope.has_value();
    default:
        return false;
    }
}

/// What the variable says has been taken: the two kinds of value that can be refused were not, and
/// a list of ports gives way to the file.
bool variable_counts(const SettingRow& row, const EnvironmentLookup& environment) {
    std::vector<Finding> ignored;
    const auto text =
        row.variable ? read_variable(*row.variable, environment, ignored) : std::nullopt;
    if (!text) {
        return false;
    }
    switch (row.setting) {
    case Setting::drain_timeout:
        return parse_drain_timeout(*text).has_value();
    case Setting::ports:
        return parse_port_ranges(*text).has_value();
    case Setting::tree:
        return parse_tree_kind(*text).has_value();
    default:
        return true;
    }
}

/// A drain timeout that is none does not give way to the file: the default counts.
bool is_said_in_file(const SettingRow& row, const EnvironmentLookup& environment,
                     const SettingPlaces& places) {
    const bool variable_is_set = row.variable && environment(std::string(name_of(*row.variable)));
    return places.contains(row.setting) &&
           !(row.setting == Setting::drain_timeout && variable_is_set);
}

std::string origin_of(const SettingRow& row, const Flags& flags,
                      const EnvironmentLookup& environment, const SettingPlaces& places) {
    if (was_flagged(row.setting, flags)) {
        return std::string(row.flag);
    }
    if (variable_counts(row, environment)) {
        return std::string(name_of(*row.variable));
    }
    if (is_said_in_file(row, environment, places)) {
        return places.at(row.setting);
    }
    if (row.setting == Setting::default_command && places.contains(Setting::command)) {
        return places.at(Setting::command);
    }
    return "default";
}

} // namespace

std::vector<EffectiveSetting> effective_settings(const Flags& flags,
                                                 const EnvironmentLookup& environment,
                                                 const SettingPlaces& places,
                                                 const Settings& settings) {
    std::vector<EffectiveSetting> all;
    for (const auto& row : setting_table()) {
        all.push_back({row.setting, value_of(row.setting, settings),
                       origin_of(row, flags, environment, places)});
    }
    return all;
}

} // namespace gw
