#include "store/config_file.hpp"

#include "base/text.hpp"
#include "rules/findings.hpp"
#include "store/yaml_file.hpp"
#include "sys/directory.hpp"

#include <boost/filesystem/path.hpp>

namespace gw::store {

namespace {

constexpr std::size_t config_limit = std::size_t{256} * 1024;

Finding ignored(const std::string& what, std::string why) {
    return finding(FindingCode::ignored_configuration, {}, what + " is ignored", std::move(why));
}

std::string key_text(const char* key) {
    return std::string("configuration key ") + key;
}

/// A mapping, or an undefined node when the file is absent or unusable.
YAML::Node load(const std::string& directory, const std::string& name, bool& found,
                std::vector<Finding>& findings) {
    found = false;
    const auto parent = sys::Directory::open(directory);
    if (!parent) {
        return {};
    }
    const auto content = sys::read_file(*parent, name, config_limit);
    if (content.answer == sys::FileContent::Answer::absent) {
        return {};
    }
    found = true;
    const std::string path = parent->path_of(name);
    if (content.answer != sys::FileContent::Answer::ok) {
        findings.push_back(ignored(path, content.problem));
        return {};
    }
    const auto node = parse_yaml(content.bytes);
    if (!node) {
        findings.push_back(ignored(path, node.error().message));
        return {};
    }
    if (!node->IsMap() && !node->IsNull()) {
        findings.push_back(ignored(path, "it is not a mapping"));
    }
    return node->IsMap() ? *node : YAML::Node();
}

/// The value of a key, or nullopt with a finding when it has another type.
template <class T>
std::optional<T> value_of(const YAML::Node& node, const char* key, std::vector<Finding>& findings) {
    if (!node.IsMap() || !node[key] || node[key].IsNull()) {
        return std::nullopt;
    }
    try {
        return node[key].as<T>();
    } catch (const YAML::Exception&) {
        findings.push_back(ignored(key_text(key), "wrong type"));
        return std::nullopt;
    }
}

std::optional<std::vector<std::string>> command_value(const YAML::Node& node, const char* key,
                                                      std::vector<Finding>& findings) {
    auto words = value_of<std::vector<std::string>>(node, key, findings);
    if (words && words->empty()) {
        findings.push_back(ignored(key_text(key), "it is empty"));
        return std::nullopt;
    }
    return words;
}

} // namespace

ConfigFile read_config(const std::string& home, const std::optional<std::string>& explicit_path) {
    ConfigFile config;
    auto& findings = config.findings;
    bool found = false;
    YAML::Node own;
    if (explicit_path) {
        const boost::filesystem::path path(*explicit_path);
        own = load(path.parent_path().string(), path.filename().string(), found, findings);
        if (!found) {
            findings.push_back(
                finding(FindingCode::ignored_configuration, {},
                        "GATEWAYCTL_CONFIG " + printable(*explicit_path) + " does not exist"));
        }
    } else {
        own = load(home, "gatewayctl.yaml", found, findings);
        if (!found) {
            own = load("/etc", "gatewayctl.yaml", found, findings);
        }
    }
    config.command = command_value(own, "command", findings);
    config.default_command = command_value(own, "default_command", findings);
    config.drain_timeout = value_of<std::string>(own, "drain_timeout", findings);
    config.notification_fd = value_of<int>(own, "notification_fd", findings);
    config.death_budget = value_of<int>(own, "death_budget", findings);
    config.wrapper = value_of<std::string>(own, "wrapper", findings);
    config.multiplex = value_of<bool>(own, "multiplex_profiles", findings);
    if (!config.multiplex) {
        const YAML::Node gateways = load(home, "config.yaml", found, findings);
        config.multiplex = value_of<bool>(gateways, "multiplex_profiles", findings);
        if (!config.multiplex && gateways.IsMap() && gateways["gateway"]) {
            config.multiplex = value_of<bool>(gateways["gateway"], "multiplex_profiles", findings);
        }
    }
    return config;
}

} // namespace gw::store
