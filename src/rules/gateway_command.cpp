#include "rules/gateway_command.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace gw {

namespace {

bool is_program(std::string_view word) {
    return base_name(word) == "hermes" || word == "hermes_cli.main" ||
           word.ends_with("hermes_cli/main.py");
}

/// A program that is nothing but the gateway.
bool is_gateway_program(std::string_view word) {
    return base_name(word) == "hermes-gateway" || word == "gateway/run.py" ||
           word.ends_with("/gateway/run.py");
}

/// The words without the choice of a profile, which may stand anywhere; it goes into `profile`.
std::vector<std::string_view> without_profile(const Argv& words,
                                              std::optional<std::string>& profile) {
    constexpr std::array<std::string_view, 2> options = {"-p", "--profile"};
    std::vector<std::string_view> rest;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        const auto equals = word.find('=');
        const auto name = word.substr(0, equals);
        if (std::find(options.begin(), options.end(), name) == options.end()) {
            rest.push_back(word);
        } else if (equals != std::string_view::npos) {
            profile = word.substr(equals + 1);
        } else if (++i < words.size()) {
            profile = words[i];
        }
    }
    return rest;
}

bool runs(const std::vector<std::string_view>& words) {
    const auto gateway = std::find(words.begin(), words.end(), "gateway");
    if (gateway == words.end()) {
        return false;
    }
    return gateway + 1 == words.end() || gateway[1] == "run" || gateway[1] == "restart";
}

} // namespace

std::optional<GatewayCommand> parse_gateway_command(const Argv& words) {
    GatewayCommand command;
    const auto plain = without_profile(words, command.profile);
    const bool by_itself = std::any_of(plain.begin(), plain.end(), is_gateway_program);
    const bool by_program = std::any_of(plain.begin(), plain.end(), is_program) && runs(plain);
    if (!by_itself && !by_program) {
        return std::nullopt;
    }
    command.replaces = std::find(plain.begin(), plain.end(), "--replace") != plain.end();
    return command;
}

bool serves(const GatewayCommand& command, std::string_view profile_path) {
    const auto parent = profile_path.substr(0, profile_path.find_last_of('/'));
    if (base_name(parent) != "profiles") {
        return command.profile.value_or("default") == "default";
    }
    return command.profile == base_name(profile_path);
}

} // namespace gw
