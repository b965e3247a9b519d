#include "store/config_file.hpp"

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "rules/findings.hpp"
#include "store/yaml_file.hpp"
#include "sys/directory.hpp"

#include <algorithm>
#include <array>
#include <boost/filesystem/path.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace gw::store {

namespace {

constexpr std::size_t config_limit = std::size_t{256} * 1024;

constexpr int least_notification_fd = 3; // s6-supervise takes no lower one

/// A key of gatewayctl.yaml: what it must be, and what counts when it is something else.
struct Key {
    std::string_view name;
    std::string_view form;
    std::string_view otherwise;
};

constexpr Key command_key = {"command", "a list of words, as [mygateway, run]",
                             "the default is used"};
constexpr Key default_command_key = {"default_command", "a list of words, as [mygateway, run]",
                                     "that of the other profiles, or the default, is used"};
constexpr Key drain_timeout_key = {"drain_timeout", "a number of seconds up to 86400",
                                   "60 is used"};
constexpr Key notification_fd_key = {"notification_fd", "a descriptor, 3 or above",
                                     "the default is used"};
constexpr Key death_budget_key = {"death_budget", "a number of deaths, 1 or above",
                                  "the default is used"};
constexpr Key ports_key = {"ports", "ranges of ports, as [9200-9799, 20000-29999]",
                           "the default is used"};
constexpr Key wrapper_key = {"wrapper", "the name of a file", "main-wrapper.sh is used"};
constexpr Key no_new_privs_key = {"no_new_privs", "true or false", "taken as false"};
constexpr Key role_key = {"role", "owner, standby or none",
                          "taken as none: when in doubt, no gateway runs twice"};
constexpr Key member_key = {"member", "a name", "the host name is used"};
constexpr Key multiplex_key = {"multiplex_profiles", "true or false", "taken as not given"};

constexpr std::array own_keys = {command_key.name,       default_command_key.name,
                                 drain_timeout_key.name, notification_fd_key.name,
                                 death_budget_key.name,  ports_key.name,
                                 wrapper_key.name,       multiplex_key.name,
                                 no_new_privs_key.name,  role_key.name,
                                 member_key.name};

Finding ignored(const std::string& what, std::string why) {
    return finding(FindingCode::ignored_configuration, {}, what + " is ignored", std::move(why));
}

/// One configuration file, as a mapping; without a node when it is absent or unusable.
class Document {
  public:
    Document() = default;
    Document(std::string path, YAML::Node root) : path_(std::move(path)), root_(root) {}

    [[nodiscard]] YAML::Node find(const Key& key) const { return in(root_, key.name); }
    /// It says something under that key, be it what it may.
    [[nodiscard]] bool has(const Key& key) const {
        const auto node = find(key);
        return node.IsDefined() && !node.IsNull();
    }
    /// Of a mapping in the mapping.
    [[nodiscard]] YAML::Node find(std::string_view group, const Key& key) const {
        return in(in(root_, group), key.name);
    }

    /// The value of a key, or nullopt, with a finding when it is not of its form.
    template <class T, class Accept>
    std::optional<T> value(const YAML::Node& node, const Key& key, std::vector<Finding>& findings,
                           const Accept& accept) const {
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

    /// Says which keys are none of ours, and which stand there twice.
    void judge_keys(std::vector<Finding>& findings) const {
        std::set<std::string> seen;
        for (const auto& entry : root_) {
            const auto& node = entry.first;
            const std::string name = node.IsScalar() ? node.Scalar() : "(no word)";
            const bool known = std::find(own_keys.begin(), own_keys.end(), name) != own_keys.end();
            if (!known) {
                findings.push_back(ignored(at(node) + "unknown key '" + shortened(name) + "'" +
                                               meant_hint(name, own_keys),
                                           "what it should say is left at its default"));
                if (const auto meant = meant_word(name, own_keys)) {
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
    [[nodiscard]] std::string at(const YAML::Node& node) const {
        return fmt::format("{}:{}: ", path_, node.Mark().line + 1);
    }

    std::string path_;
    YAML::Node root_{YAML::NodeType::Undefined};
};

/// Nullopt when there is no such file.
std::optional<Document> load(const std::string& directory, const std::string& name,
                             std::vector<Finding>& findings) {
    const auto parent = sys::Directory::open(directory);
    if (!parent) {
        return std::nullopt;
    }
    const auto content = sys::read_file(*parent, name, config_limit);
    if (content.answer == sys::FileContent::Answer::absent) {
        return std::nullopt;
    }
    const std::string path = parent->path_of(name);
    const auto unusable = [&](const std::string& why) {
        findings.push_back(ignored(path, why));
        return Document();
    };
    if (content.answer != sys::FileContent::Answer::ok) {
        return unusable(content.problem);
    }
    const auto node = parse_yaml(content.bytes);
    if (!node) {
        return unusable(node.error().message);
    }
    if (!node->IsMap() && !node->IsNull()) {
        return unusable("it is not a mapping");
    }
    return Document(path, *node);
}

/// The file of this tool.
Document load_own(const std::string& home, const std::optional<std::string>& explicit_path,
                  std::vector<Finding>& findings) {
    std::optional<Document> own;
    if (explicit_path) {
        const boost::filesystem::path path(*explicit_path);
        own = load(path.parent_path().string(), path.filename().string(), findings);
        if (!own) {
            findings.push_back(finding(FindingCode::ignored_configuration, {},
                                       "GATEWAYCTL_CONFIG " + *explicit_path + " does not exist",
                                       "the defaults are used"));
        }
    } else {
        own = load(home, "gatewayctl.yaml", findings);
        if (!own) {
            own = load("/etc", "gatewayctl.yaml", findings);
        }
    }
    return std::move(own).value_or(Document());
}

std::optional<bool> multiplex_of_gateways(const std::string& home, std::vector<Finding>& findings) {
    const auto file = load(home, "config.yaml", findings);
    if (!file) {
        return std::nullopt;
    }
    constexpr auto any = [](bool) { return true; };
    const auto top = file->value<bool>(file->find(multiplex_key), multiplex_key, findings, any);
    return top ? top
               : file->value<bool>(file->find("gateway", multiplex_key), multiplex_key, findings,
                                   any);
}

/// One range, or a list of them.
std::optional<PortRanges> ports_in(const Document& own, std::vector<Finding>& findings) {
    using Words = std::vector<std::string>;
    const auto node = own.find(ports_key);
    std::optional<PortRanges> ranges;
    const auto accept = [&](const Words& words) {
        ranges = parse_port_ranges(fmt::format("{}", fmt::join(words, ",")));
        return ranges.has_value();
    };
    if (node.IsDefined() && node.IsSequence()) {
        (void)own.value<Words>(node, ports_key, findings, accept);
    } else {
        (void)own.value<std::string>(node, ports_key, findings,
                                     [&](const std::string& word) { return accept({word}); });
    }
    return ranges;
}

} // namespace

ConfigFile read_config(const std::string& home, const std::optional<std::string>& explicit_path) {
    ConfigFile config;
    auto& findings = config.findings;
    const auto own = load_own(home, explicit_path, findings);
    const auto read = [&]<class T>(std::optional<T>& into, const Key& key, const auto& accept) {
        into = own.value<T>(own.find(key), key, findings, accept);
    };
    constexpr auto not_empty = [](const auto& value) { return !value.empty(); };
    own.judge_keys(findings);
    read(config.command, command_key, not_empty);
    read(config.default_command, default_command_key, not_empty);
    read(config.wrapper, wrapper_key, not_empty);
    read(config.notification_fd, notification_fd_key,
         [](int fd) { return fd >= least_notification_fd; });
    read(config.death_budget, death_budget_key, [](int deaths) { return deaths > 0; });
    config.ports = ports_in(own, findings);
    read(config.multiplex, multiplex_key, [](bool) { return true; });
    read(config.no_new_privs, no_new_privs_key, [](bool) { return true; });
    read(config.member, member_key, not_empty);
    read(config.role, role_key,
         [](const std::string& word) { return parse_role(word).has_value(); });
    if (!config.role && own.has(role_key)) {
        config.role = to_string(Role::none);
    }
    std::optional<std::string> drain;
    read(drain, drain_timeout_key,
         [](const std::string& text) { return parse_drain_timeout(text).has_value(); });
    config.drain_timeout = drain ? parse_drain_timeout(*drain) : std::nullopt;
    if (!config.multiplex) {
        config.multiplex = multiplex_of_gateways(home, findings);
    }
    return config;
}

} // namespace gw::store
