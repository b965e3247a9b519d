#include "rules/variables.hpp"

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "rules/findings.hpp"
#include "rules/time_limits.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gw {

namespace {

constexpr std::string_view own_prefix = "GATEWAYCTL_";
/// Shorter names are a slip away from those of other programs.
constexpr std::size_t telling_length = 12;

const std::vector<std::string_view>& toggle_words() {
    static const std::vector<std::string_view> words = {"1", "true",  "yes", "on",
                                                        "0", "false", "no",  "off"};
    return words;
}

const std::vector<std::string_view>& words_of(const VariableRow& row) {
    return row.kind == VariableKind::toggle ? toggle_words() : row.words;
}

bool is_one_of(std::span<const std::string_view> words, std::string_view text) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

/// Without the ends of lines and the pair of quotes that a file of variables leaves.
std::string_view unwrapped(std::string_view text) {
    const auto without_line_end = [](std::string_view line) {
        return line.substr(0, line.find_last_not_of("\r\n") + 1);
    };
    text = without_line_end(text);
    const bool quoted = text.size() > 1 && text.front() == text.back() &&
                        (text.front() == '"' || text.front() == '\'');
    return quoted ? without_line_end(text.substr(1, text.size() - 2)) : text;
}

/// Whether it is a value of the row's kind just as it stands.
bool is_clean(const VariableRow& row, const std::string& text) {
    switch (row.kind) {
    case VariableKind::word:
        return is_one_of(row.words, text);
    case VariableKind::toggle:
        return is_one_of(toggle_words(), in_lower_case(trimmed(text)));
    case VariableKind::text:
    case VariableKind::number:
        return unwrapped(text) == text;
    case VariableKind::ours:
        break;
    }
    return true;
}

/// What was evidently meant by one that is not clean; nullopt when that cannot be told.
std::optional<std::string> meant_value(const VariableRow& row, const std::string& text) {
    std::string inner(unwrapped(text));
    if (row.kind == VariableKind::word || row.kind == VariableKind::toggle) {
        inner = in_lower_case(trimmed(inner));
        return is_one_of(words_of(row), inner) ? std::optional(inner) : std::nullopt;
    }
    return trimmed(inner).empty() ? std::nullopt : std::optional(inner);
}

} // namespace

std::span<const VariableRow> variable_table() {
    using enum VariableKind;
    constexpr std::string_view off = "taken as off";
    static const std::vector<VariableRow> rows = {
        {Variable::home, "HERMES_HOME", text},
        {Variable::scandir, "S6_PROFILE_GATEWAY_SCANDIR", text},
        {Variable::tree,
         "GATEWAYCTL_TREE",
         word,
         {"own", "shared"},
         "the tree that is there counts"},
        {Variable::manager,
         "GATEWAYCTL_MANAGER",
         word,
         {"s6", "systemd", "launchd"},
         "no supervisor is taken for it"},
        {Variable::scope, "GATEWAYCTL_SCOPE", word, {"system", "user"}, "no scope is taken for it"},
        {Variable::user, "GATEWAYCTL_USER", text},
        {Variable::role,
         "GATEWAYCTL_ROLE",
         word,
         {"owner", "none", "standby"},
         "taken as none: when in doubt, no gateway runs twice"},
        {Variable::member, "GATEWAYCTL_MEMBER", text},
        {Variable::capacity, "GATEWAYCTL_CAPACITY", number},
        {Variable::config, "GATEWAYCTL_CONFIG", text},
        {Variable::profile, "GATEWAYCTL_PROFILE", text},
        {Variable::drain_timeout, "GATEWAYCTL_DRAIN_TIMEOUT", number},
        {Variable::ports, "GATEWAYCTL_PORTS", text},
        {Variable::multiplex, "GATEWAY_MULTIPLEX_PROFILES", toggle, {}, off},
        {Variable::no_supervise, "HERMES_GATEWAY_NO_SUPERVISE", toggle, {}, off},
        {Variable::first_boot_seed,
         "HERMES_GATEWAY_BOOTSTRAP_STATE",
         word,
         {"running", "stopped"},
         "no gateway is seeded"},
        {Variable::external_supervisor, "HERMES_GATEWAY_EXTERNAL_SUPERVISOR", toggle, {}, off},
        {Variable::port, "GATEWAYCTL_PORT", ours},
        {Variable::supervised_child, "HERMES_SUPERVISED_CHILD", ours},
        {Variable::s6_supervised_child, "HERMES_S6_SUPERVISED_CHILD", ours},
        {Variable::systemd_unit, "GATEWAYCTL_SYSTEMD_UNIT", ours},
        {Variable::launchd_label, "GATEWAYCTL_LAUNCHD_LABEL", ours},
        {Variable::share, "GATEWAYCTL_SHARE", ours},
        {Variable::fence, "GATEWAYCTL_FENCE", ours},
        {Variable::fencing_token, "GATEWAYCTL_FENCING_TOKEN", ours},
    };
    return rows;
}

std::string_view name_of(Variable variable) {
    return variable_table()[static_cast<std::size_t>(variable)].name;
}

std::optional<std::string> read_variable(Variable variable, const EnvironmentLookup& environment,
                                         std::vector<Finding>& findings) {
    const auto& row = variable_table()[static_cast<std::size_t>(variable)];
    auto text = environment(std::string(row.name));
    if (!text || is_clean(row, *text)) {
        return text;
    }
    if (auto meant = meant_value(row, *text)) {
        findings.push_back(
            finding(FindingCode::unclean_value, {},
                    fmt::format("{} is literally {}", row.name, shortened(*text)),
                    fmt::format("taken as {}; an env file keeps quotes and carriage returns",
                                shortened(*meant))));
        return meant;
    }
    if (row.kind == VariableKind::word || row.kind == VariableKind::toggle) {
        const auto& words = words_of(row);
        findings.push_back(
            finding(FindingCode::unknown_value, {},
                    fmt::format("{} '{}' is none of {}{}", row.name, shortened(*text),
                                fmt::join(words, ", "),
                                meant_hint(in_lower_case(trimmed(unwrapped(*text))), words)),
                    std::string(row.instead)));
    }
    return text;
}

std::vector<Finding> unknown_variables(std::span<const std::string> names) {
    std::vector<std::string_view> known;
    for (const auto& row : variable_table()) {
        known.push_back(row.name);
    }
    std::vector<Finding> findings;
    for (const auto& name : names) {
        const bool may_be_slip =
            name.size() + most_slips >= telling_length && !is_one_of(known, name);
        const auto meant = may_be_slip ? meant_word(name, known) : std::nullopt;
        const bool slip = meant && meant->size() >= telling_length;
        if (slip || (name.starts_with(own_prefix) && !is_one_of(known, name))) {
            findings.push_back(
                finding(FindingCode::unknown_variable, {},
                        "there is no variable " + shortened(name) + meant_hint(name, known),
                        "it is ignored"));
        }
    }
    return findings;
}

} // namespace gw
