#include "rules/container_command.hpp"

#include "base/profile_name.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace gw {

namespace {

bool takes_value(std::string_view option) {
    constexpr std::array<std::string_view, 2> options = {"-p", "--profile"};
    return std::find(options.begin(), options.end(), option) != options.end();
}

/// The words that are neither options nor their values; `hermes` in front is the program's name.
std::vector<std::string_view> positional_words(const Argv& command) {
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < command.size(); ++i) {
        const std::string_view word = command[i];
        if (takes_value(word)) {
            ++i;
        } else if (!word.starts_with('-')) {
            words.push_back(word);
        }
    }
    if (!words.empty() && base_name(words.front()) == "hermes") {
        words.erase(words.begin());
    }
    return words;
}

constexpr Pid first_process{1};
constexpr std::string_view rc_init = "rc.init";

/// The words behind the first one with this base name; nullopt when there is none.
std::optional<Argv> words_behind(const Argv& argv, std::string_view name) {
    const auto found = std::find_if(
        argv.begin(), argv.end(), [&](const std::string& word) { return base_name(word) == name; });
    return found == argv.end() ? std::nullopt : std::optional(Argv(found + 1, argv.end()));
}

std::optional<Argv> behind_wrapper(const ProcessCommand& process, std::string_view wrapper) {
    return words_behind(process.argv, wrapper);
}

std::optional<Argv> behind_rc_init(const ProcessCommand& process, std::string_view /*wrapper*/) {
    if (process.pid != first_process && process.parent != first_process) {
        return std::nullopt;
    }
    auto words = words_behind(process.argv, rc_init);
    if (!words || words->size() < 2 || words->front() != "top") {
        return std::nullopt;
    }
    words->erase(words->begin());
    return words;
}

std::optional<Argv> behind_init(const ProcessCommand& process, std::string_view /*wrapper*/) {
    const auto& argv = process.argv;
    const bool is_init = process.pid == first_process && argv.size() > 1 && argv.front() == "/init";
    return is_init ? std::optional(Argv(argv.begin() + 1, argv.end())) : std::nullopt;
}

} // namespace

bool name_wrapper(const Argv& argv, std::string_view wrapper) {
    return words_behind(argv, wrapper).has_value();
}

bool name_rc_init(const Argv& argv) {
    return words_behind(argv, rc_init).has_value();
}

std::optional<Argv> find_container_command(std::span<const ProcessCommand> processes,
                                           std::string_view wrapper) {
    // The wrapper names the command beyond doubt; the init's own words are the next best.
    for (const auto row : {behind_wrapper, behind_rc_init, behind_init}) {
        for (const auto& process : processes) {
            if (auto command = row(process, wrapper)) {
                return command;
            }
        }
    }
    return std::nullopt;
}

CommandRole role_of(const Argv& command) {
    const auto words = positional_words(command);
    if (!words.empty() && words[0] == "dashboard") {
        return CommandRole::dashboard;
    }
    if (words.size() >= 2 && words[0] == "gateway" && words[1] == "run") {
        return CommandRole::gateway_run;
    }
    return CommandRole::other;
}

std::string profile_named_by(const Argv& command) {
    std::string profile(ProfileName::root_text);
    for (std::size_t i = 0; i < command.size(); ++i) {
        const std::string_view word = command[i];
        const auto equals = word.find('=');
        if (!takes_value(word.substr(0, equals))) {
            continue;
        }
        if (equals != std::string_view::npos) {
            profile = word.substr(equals + 1);
        } else if (++i < command.size()) {
            profile = command[i];
        }
    }
    return profile;
}

bool opts_out_of_supervision(const Argv& command) {
    return std::find(command.begin(), command.end(), "--no-supervise") != command.end();
}

} // namespace gw
