#include "store/config_file.hpp"

#include "base/text.hpp"
#include "sys/directory.hpp"

#include <boost/filesystem/path.hpp>
#include <yaml-cpp/yaml.h>

namespace gw::store {

namespace {

constexpr std::size_t config_limit = std::size_t{256} * 1024;

/// A mapping, or an undefined node when the file is absent or unusable.
YAML::Node load(const std::string& directory, const std::string& name, bool& found,
                std::vector<std::string>& warnings) {
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
        warnings.push_back(path + " is ignored: " + content.problem);
        return {};
    }
    try {
        const YAML::Node node = YAML::Load(content.bytes);
        if (node.IsMap()) {
            return node;
        }
        if (!node.IsNull()) {
            warnings.push_back(path + " is ignored: it is not a mapping");
        }
    } catch (const YAML::Exception& error) {
        warnings.push_back(path + " is ignored: " + printable(error.what()));
    }
    return {};
}

/// The value of a key, or nullopt with a warning when it has another type.
template <class T>
std::optional<T> value_of(const YAML::Node& node, const char* key,
                          std::vector<std::string>& warnings) {
    if (!node.IsMap() || !node[key] || node[key].IsNull()) {
        return std::nullopt;
    }
    try {
        return node[key].as<T>();
    } catch (const YAML::Exception&) {
        warnings.push_back(std::string("configuration key ") + key + " is ignored: wrong type");
        return std::nullopt;
    }
}

std::optional<std::vector<std::string>> command_value(const YAML::Node& node, const char* key,
                                                      std::vector<std::string>& warnings) {
    auto words = value_of<std::vector<std::string>>(node, key, warnings);
    if (words && words->empty()) {
        warnings.push_back(std::string("configuration key ") + key + " is ignored: it is empty");
        return std::nullopt;
    }
    return words;
}

} // namespace

ConfigFile read_config(const std::string& home, const std::optional<std::string>& explicit_path) {
    ConfigFile config;
    auto& warnings = config.warnings;
    bool found = false;
    YAML::Node own;
    if (explicit_path) {
        const boost::filesystem::path path(*explicit_path);
        own = load(path.parent_path().string(), path.filename().string(), found, warnings);
        if (!found) {
            warnings.push_back("GATEWAYCTL_CONFIG " + printable(*explicit_path) +
                               " does not exist");
        }
    } else {
        own = load(home, "gatewayctl.yaml", found, warnings);
        if (!found) {
            own = load("/etc", "gatewayctl.yaml", found, warnings);
        }
    }
    config.command = command_value(own, "command", warnings);
    config.default_command = command_value(own, "default_command", warnings);
    config.drain_timeout = value_of<std::string>(own, "drain_timeout", warnings);
    config.notification_fd = value_of<int>(own, "notification_fd", warnings);
    config.death_budget = value_of<int>(own, "death_budget", warnings);
    config.wrapper = value_of<std::string>(own, "wrapper", warnings);
    config.multiplex = value_of<bool>(own, "multiplex_profiles", warnings);
    if (!config.multiplex) {
        const YAML::Node gateways = load(home, "config.yaml", found, warnings);
        config.multiplex = value_of<bool>(gateways, "multiplex_profiles", warnings);
        if (!config.multiplex && gateways.IsMap() && gateways["gateway"]) {
            config.multiplex = value_of<bool>(gateways["gateway"], "multiplex_profiles", warnings);
        }
    }
    return config;
}

} // namespace gw::store
