#include "store/config_file.hpp"

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "rules/findings.hpp"
#include "rules/setting_table.hpp"
#include "store/fleet_config.hpp"
#include "store/yaml_file.hpp"
#include "sys/directory.hpp"

#include <algorithm>
#include <boost/filesystem/path.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace gw::store {

namespace {

constexpr std::size_t config_limit = std::size_t{256} * 1024;

constexpr int least_notification_fd = 3; // s6-supervise takes no lower one

/// The keys of gatewayctl.yaml.
std::vector<std::string_view> own_keys() {
    std::vector<std::string_view> keys;
    for (const auto& row : setting_table()) {
        if (row.is_key) {
            keys.push_back(row.name);
        }
    }
    return keys;
}

Finding ignored(const std::string& what, std::string why) {
    return finding(FindingCode::ignored_configuration, {}, what + " is ignored", std::move(why));
}

/// One configuration file, as a mapping; without a node when it is absent or unusable.
class Document {
  public:
    Document() = default;
    Document(std::string path, YAML::Node root) : path_(std::move(path)), root_(root) {}

    [[nodiscard]] YAML::Node find(Setting key) const { return in(root_, row_of(key).name); }
    /// It says something under that key, be it what it may.
    [[nodiscard]] bool has(Setting key) const {
        const auto node = find(key);
        return node.IsDefined() && !node.IsNull();
    }
    /// Of a mapping in the mapping.
    [[nodiscard]] YAML::Node find(std::string_view group, Setting key) const {
        return in(in(root_, group), row_of(key).name);
    }

    /// The value of a key, or nullopt, with a finding when it is not of its form.
    template <class T, class Accept>
    std::optional<T> value(const YAML::Node& node, Setting setting, std::vector<Finding>& findings,
                           const Accept& accept) const {
        const auto& key = row_of(setting);
        if (!node.IsDefined() || node.IsNull()) {
            return std::nullopt;
        }
        T value{};
        if (decode(node, value) && accept(value)) {
            return value;
        }
        const std::string text = node.IsScalar() ? " '" + shortened(node.Scalar()) + "'" : "";
        findings.push_back(ignored(at(node) + std::string(key.name) + text,
                                   fmt::format("it must be {}; {}", key.form, key.otherwise)));
        return std::nullopt;
    }

    /// "/etc/gatewayctl.yaml:3"
    [[nodiscard]] std::string place_of(const YAML::Node& node) const {
        return fmt::format("{}:{}", path_, node.Mark().line + 1);
    }

    /// Says which keys are none of ours, and which stand there twice.
    void judge_keys(std::vector<Finding>& findings) const {
        std::set<std::string> seen;
        const auto known_keys = own_keys();
        for (const auto& entry : root_) {
            const auto& node = entry.first;
            const std::string name = node.IsScalar() ? node.Scalar() : "(no word)";
            const bool known = std::ranges::find(known_keys, name) != known_keys.end();
            if (!known) {
                findings.push_back(ignored(at(node) + "unknown key '" + shortened(name) + "'" +
                                               meant_hint(name, known_keys),
                                           "what it should say is left at its default"));
                if (const auto meant = meant_word(name, known_keys)) {
                    const auto edit = fmt::format("{}s/{}/{}/", node.Mark().line + 1, name, *meant);
                    findings.back().cure =
                        fmt::format("sed -i {} {}", shell_quote(edit), shell_quote(path_));
                }
            } else if (!seen.insert(name).second) {
                findings.push_back(
                    ignored(at(node) + "a second '" + name + "'", "the first counts"));
            }
        }
    }

    /// Says what is probably a slip of the only placeholder: it would reach the gateway as it is.
    void judge_placeholders(Setting key, const std::optional<Argv>& command,
                            std::vector<Finding>& findings) const {
        for (const auto& word : command.value_or(Argv{})) {
            if (const auto slip = slip_of_placeholder(word)) {
                findings.push_back(finding(
                    FindingCode::ignored_configuration, {},
                    fmt::format("{}'{}' in {} is not replaced, did you mean '{}'?", at(find(key)),
                                shortened(*slip), row_of(key).name, profile_placeholder),
                    "the gateway gets it as it is"));
            }
        }
    }

  private:
    static YAML::Node in(const YAML::Node& node, std::string_view key) {
        return node.IsDefined() && node.IsMap() ? node[std::string(key)]
                                                : YAML::Node(YAML::NodeType::Undefined);
    }
    /// What a list holds is refused by an exception.
    template <class T> static bool decode(const YAML::Node& node, T& value) {
        try {
            return YAML::convert<T>::decode(node, value);
        } catch (const YAML::Exception&) {
            return false;
        }
    }
    /// "/etc/gatewayctl.yaml:3: "
    [[nodiscard]] std::string at(const YAML::Node& node) const { return place_of(node) + ": "; }

    std::string path_;
    YAML::Node root_{YAML::NodeType::Undefined};
};

/// Nullopt when there is no such file.
std::optional<Document> load(const std::string& directory, const std::string& name,
                             ConfigFile& config) {
    const auto unusable = [&](const std::string& path, const std::string& why) {
        config.findings.push_back(ignored(path, why));
        config.unusable = path;
        return Document();
    };
    const auto parent = sys::Directory::open(directory);
    if (!parent) {
        return parent.error().code == Errc::not_found
                   ? std::nullopt
                   : std::optional(unusable(directory, parent.error().message));
    }
    const auto content = sys::read_file(*parent, name, config_limit);
    if (content.answer == sys::FileContent::Answer::absent) {
        return std::nullopt;
    }
    const std::string path = parent->path_of(name);
    if (content.answer != sys::FileContent::Answer::ok) {
        return unusable(path, content.problem);
    }
    const auto node = parse_yaml(content.bytes);
    if (!node) {
        return unusable(path, node.error().message);
    }
    if (!node->IsMap() && !node->IsNull()) {
        return unusable(path, "it is not a mapping");
    }
    return Document(path, *node);
}

/// The file of this tool.
Document load_own(const std::string& home, const std::optional<std::string>& explicit_path,
                  ConfigFile& config) {
    std::optional<Document> own;
    if (explicit_path) {
        const boost::filesystem::path path(*explicit_path);
        const auto directory = path.has_parent_path() ? path.parent_path().string() : ".";
        own = load(directory, path.filename().string(), config);
        if (!own) {
            config.findings.push_back(
                finding(FindingCode::ignored_configuration, {},
                        *explicit_path + ", which is named as the configuration, does not exist",
                        "the defaults are used"));
            config.unusable = *explicit_path;
        }
    } else {
        own = load(home, "gatewayctl.yaml", config);
        if (!own) {
            own = load("/etc", "gatewayctl.yaml", config);
        }
    }
    return std::move(own).value_or(Document());
}

void read_multiplex_of_gateways(const std::string& home, PlacedConfig& config) {
    auto& findings = config.file.findings;
    const auto file = load(home, "config.yaml", config.file);
    if (!file) {
        return;
    }
    constexpr auto any = [](bool) { return true; };
    const auto take = [&](const YAML::Node& node) {
        config.file.multiplex = file->value<bool>(node, Setting::multiplex, findings, any);
        if (config.file.multiplex) {
            config.places[Setting::multiplex] = file->place_of(node);
        }
    };
    take(file->find(Setting::multiplex));
    if (!config.file.multiplex) {
        take(file->find("gateway", Setting::multiplex));
    }
}

/// One range, or a list of them.
std::optional<PortRanges> ports_in(const Document& own, std::vector<Finding>& findings) {
    using Words = std::vector<std::string>;
    const auto node = own.find(Setting::ports);
    std::optional<PortRanges> ranges;
    const auto accept = [&](const Words& words) {
        ranges = parse_port_ranges(fmt::format("{}", fmt::join(words, ",")));
        return ranges.has_value();
    };
    if (node.IsDefined() && node.IsSequence()) {
        (void)own.value<Words>(node, Setting::ports, findings, accept);
    } else {
        (void)own.value<std::string>(node, Setting::ports, findings,
                                     [&](const std::string& word) { return accept({word}); });
    }
    return ranges;
}

/// Of what was taken from the file of this tool.
SettingPlaces places_of(const Document& own, const ConfigFile& config) {
    const std::pair<Setting, bool> taken[] = {
        {Setting::command, config.command.has_value()},
        {Setting::default_command, config.default_command.has_value()},
        {Setting::wrapper, config.wrapper.has_value()},
        {Setting::notification_fd, config.notification_fd.has_value()},
        {Setting::death_budget, config.death_budget.has_value()},
        {Setting::ports, config.ports.has_value()},
        {Setting::multiplex, config.multiplex.has_value()},
        {Setting::no_new_privs, config.no_new_privs.has_value()},
        {Setting::member, config.member.has_value()},
        {Setting::role, config.role.has_value()},
        {Setting::fleet, config.fleet.has_value()},
        {Setting::drain_timeout, config.drain_timeout.has_value()},
    };
    SettingPlaces places;
    for (const auto& [setting, is_taken] : taken) {
        if (is_taken) {
            places[setting] = own.place_of(own.find(setting));
        }
    }
    return places;
}

} // namespace

ConfigFile read_config(const std::string& home, const std::optional<std::string>& explicit_path) {
    return read_placed_config(home, explicit_path).file;
}

PlacedConfig read_placed_config(const std::string& home,
                                const std::optional<std::string>& explicit_path) {
    PlacedConfig placed;
    auto& config = placed.file;
    auto& findings = config.findings;
    const auto own = load_own(home, explicit_path, config);
    const auto read = [&]<class T>(std::optional<T>& into, Setting key, const auto& accept) {
        into = own.value<T>(own.find(key), key, findings, accept);
    };
    constexpr auto not_empty = [](const auto& value) { return !value.empty(); };
    own.judge_keys(findings);
    read(config.command, Setting::command, not_empty);
    read(config.default_command, Setting::default_command, not_empty);
    own.judge_placeholders(Setting::command, config.command, findings);
    own.judge_placeholders(Setting::default_command, config.default_command, findings);
    read(config.wrapper, Setting::wrapper, not_empty);
    read(config.notification_fd, Setting::notification_fd,
         [](int fd) { return fd >= least_notification_fd; });
    read(config.death_budget, Setting::death_budget, [](int deaths) { return deaths > 0; });
    config.ports = ports_in(own, findings);
    read(config.multiplex, Setting::multiplex, [](bool) { return true; });
    read(config.no_new_privs, Setting::no_new_privs, [](bool) { return true; });
    read(config.member, Setting::member, not_empty);
    read(config.role, Setting::role,
         [](const std::string& word) { return parse_role(word).has_value(); });
    if (!config.role && own.has(Setting::role)) {
        config.role = to_string(Role::none);
    }
    std::optional<std::string> drain;
    read(drain, Setting::drain_timeout,
         [](const std::string& text) { return parse_drain_timeout(text).has_value(); });
    config.drain_timeout = drain ? parse_drain_timeout(*drain) : std::nullopt;
    if (own.has(Setting::fleet)) {
        config.fleet = read_fleet(own.find(Setting::fleet));
        for (const auto& problem : problems_of(*config.fleet)) {
            findings.push_back(
                ignored(own.place_of(own.find(Setting::fleet)) + ": fleet",
                        problem + "; " + std::string(row_of(Setting::fleet).otherwise)));
        }
    }
    placed.places = places_of(own, config);
    if (!config.multiplex && !home.empty()) {
        read_multiplex_of_gateways(home, placed);
    }
    return placed;
}

} // namespace gw::store
