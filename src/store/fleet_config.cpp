#include "store/fleet_config.hpp"

#include "base/numbers.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"

#include <array>
#include <fmt/format.h>
#include <functional>

namespace gw::store {

namespace {

/// Takes the text of a key; false: it is not of its form.
using Take = std::function<bool(FleetSettings&, const std::string&)>;

struct Key {
    std::string_view name;
    std::string_view form;
    Take take;
};

Take text_into(std::string FleetSettings::* field) {
    return [field](FleetSettings& fleet, const std::string& text) {
        fleet.*field = text;
        return !text.empty();
    };
}

bool take_endpoint(FleetSettings& fleet, const std::string& text) {
    const auto endpoint = parse_endpoint(text);
    if (endpoint) {
        fleet.endpoints.push_back(*endpoint);
    }
    return endpoint.has_value();
}

bool take_prefix(FleetSettings& fleet, const std::string& text) {
    fleet.prefix = text;
    return text.size() > 1 && text.starts_with('/') && !text.ends_with('/');
}

bool take_ttl(FleetSettings& fleet, const std::string& text) {
    const auto number = parse_number<seconds::rep>(text);
    if (!number || seconds(*number) < least_fleet_ttl || seconds(*number) > most_fleet_ttl) {
        return false;
    }
    fleet.ttl = seconds(*number);
    return true;
}

bool take_spread(FleetSettings& fleet, const std::string& text) {
    const auto spread = parse_spread(text);
    fleet.spread = spread.value_or(Spread::volume);
    return spread.has_value();
}

bool take_capacity(FleetSettings& fleet, const std::string& text) {
    const auto number = parse_capacity(text);
    fleet.capacity = number.value_or(1);
    return number.has_value();
}

const std::vector<Key>& keys() {
    static const std::vector<Key> all = {
        {"endpoints", "a list as [https://etcd-1:2379, https://etcd-2:2379]", take_endpoint},
        {"prefix", "a path as /gatewayctl/mail", take_prefix},
        {"ttl", "whole seconds from 5 to 3600", take_ttl},
        {"spread", "volume or gateway", take_spread},
        {"capacity", capacity_form, take_capacity},
        {"user", "a name", text_into(&FleetSettings::user)},
        {"password_file", "a path", text_into(&FleetSettings::password_file)},
        {"ca", "a path", text_into(&FleetSettings::ca_file)},
        {"cert", "a path", text_into(&FleetSettings::cert_file)},
        {"key", "a path", text_into(&FleetSettings::key_file)},
    };
    return all;
}

/// Those of etcd's certificates stand in a mapping of their own.
bool is_of_tls(std::string_view name) {
    return name == "ca" || name == "cert" || name == "key";
}

void take_value(const Key& key, const YAML::Node& value, FleetSettings& fleet) {
    const bool is_list = key.name == "endpoints" && value.IsSequence();
    bool good = value.IsScalar() ? key.take(fleet, value.Scalar()) : is_list;
    for (std::size_t i = 0; is_list && i < value.size(); ++i) {
        good = value[i].IsScalar() && key.take(fleet, value[i].Scalar()) && good;
    }
    if (!good) {
        const std::string text = value.IsScalar() ? " '" + shortened(value.Scalar()) + "'" : "";
        fleet.problems.push_back(fmt::format("{}{} must be {}", key.name, text, key.form));
    }
}

void read_mapping(const YAML::Node& node, bool tls, FleetSettings& fleet) {
    std::vector<std::string_view> known;
    for (const auto& key : keys()) {
        if (is_of_tls(key.name) == tls) {
            known.push_back(key.name);
        }
    }
    for (const auto& entry : node) {
        const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "(no word)";
        if (name == "tls" && !tls && entry.second.IsMap()) {
            read_mapping(entry.second, true, fleet);
            continue;
        }
        const auto key = std::ranges::find_if(
            keys(), [&](const Key& one) { return one.name == name && is_of_tls(one.name) == tls; });
        if (key == keys().end()) {
            fleet.problems.push_back("unknown key '" + shortened(name) + "'" +
                                     meant_hint(name, known));
        } else {
            take_value(*key, entry.second, fleet);
        }
    }
}

} // namespace

FleetSettings read_fleet(const YAML::Node& node) {
    FleetSettings fleet;
    if (node.IsMap()) {
        read_mapping(node, false, fleet);
    } else {
        fleet.problems.emplace_back("it is no mapping");
    }
    return fleet;
}

} // namespace gw::store
