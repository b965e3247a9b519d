/// Every setting as a table: where it can be said, what it must be, and what counts otherwise. The
/// reader of the file, `gatewayctl config` and the manual are made from it. Pure.
#pragma once

#include "rules/variables.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gw {

enum class Setting {
    home,
    scandir,
    tree,
    no_new_privs,
    manager,
    scope,
    user,
    command,
    default_command,
    drain_timeout,
    death_budget,
    ports,
    notification_fd,
    wrapper,
    multiplex,
    no_supervise,
    first_boot_seed,
    role,
    member,
    fleet,
    config,
};

struct SettingRow {
    Setting setting;
    std::string_view name;                 ///< the key, where there is one; lower case
    std::string_view flag = {};            ///< "--home"; empty: none
    std::optional<Variable> variable = {}; ///< nullopt: none
    bool is_key = false;                   ///< it can be said in gatewayctl.yaml
    std::string_view form = {};            ///< what the key must be: "a name"
    std::string_view otherwise = {};       ///< what counts when the key is something else
    std::string_view default_words;        ///< what counts when nobody says anything
    std::string_view meaning;
};

/// In the order of `Setting`.
std::span<const SettingRow> setting_table();
const SettingRow& row_of(Setting setting);

} // namespace gw
