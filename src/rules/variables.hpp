/// Every environment variable of ours, as a table: what its value has to look like, and what is
/// done with one that does not. Pure. A variable is read through `read_variable` and no other way,
/// so that none is misunderstood in silence.
#pragma once

#include "base/finding.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// Value of an environment variable; nullopt when it is not set or blank.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string&)>;

enum class Variable {
    home,
    scandir,
    tree,
    manager,
    scope,
    user,
    role,
    member,
    capacity,
    config,
    profile,
    drain_timeout,
    ports,
    multiplex,
    no_supervise,
    first_boot_seed,
    external_supervisor,
    // what the tool itself sets for a gateway and for `gatewayctl run`
    port,
    supervised_child,
    s6_supervised_child,
    systemd_unit,
    launchd_label,
    share, ///< of the volume: in which descriptor what lives in a supervision tree has inherited it
    fence, ///< of this fleet's member (store/fence.hpp): the directory
    fencing_token, ///< of the gateway's place, for what it writes elsewhere
};

/// What a value is.
enum class VariableKind {
    text,   ///< a path or a name: anything
    word,   ///< one of some words
    toggle, ///< 1, true, yes, on; 0, false, no, off
    number, ///< seconds
    ours,   ///< written by this tool, and read as it is
};

struct VariableRow {
    Variable variable;
    std::string_view name;
    VariableKind kind;
    std::vector<std::string_view> words = {}; ///< of a word, in lower case
    std::string_view instead = {};            ///< what happens with a value that is none of them
};

/// In the order of `Variable`.
std::span<const VariableRow> variable_table();
std::string_view name_of(Variable variable);

/// The value as it is meant. A file of variables (`docker run --env-file`) hands on quotes, and
/// carriage returns at the ends of lines: what is a value of its kind without them, or in lower
/// case, is taken so, with a finding. Any other value is handed on as it is, with a finding for a
/// word or toggle that nobody knows; what a number may be, its reader judges.
std::optional<std::string> read_variable(Variable variable, const EnvironmentLookup& environment,
                                         std::vector<Finding>& findings);

/// Findings about names that begin like ours and are none, or are a slip of one.
std::vector<Finding> unknown_variables(std::span<const std::string> names);

} // namespace gw
