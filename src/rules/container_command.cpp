#include "rules/container_command.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace gw {

namespace {

std::string_view base_name(std::string_view path) {
    const auto slash = path.find_last_of('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

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

} // namespace

namespace {

/// What stands behind the word with this base name and `skip` more words, if anything does.
std::optional<Argv> words_behind(std::span<const Argv> processes, std::string_view name,
                                 std::ptrdiff_t skip) {
    for (const auto& argv : processes) {
        const auto found = std::find_if(argv.begin(), argv.end(), [&](const std::string& word) {
            return base_name(word) == name;
        });
        if (std::distance(found, argv.end()) >= 1 + skip) {
            return Argv(found + 1 + skip, argv.end());
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<Argv> find_container_command(std::span<const Argv> processes,
                                           std::string_view wrapper) {
    // The wrapper names the command beyond doubt; the init's own words are the next best.
    if (auto command = words_behind(processes, wrapper, 0)) {
        return command;
    }
    if (auto command = words_behind(processes, "rc.init", 1); command && !command->empty()) {
        return command;
    }
    const auto init = std::find_if(processes.begin(), processes.end(), [](const Argv& argv) {
        return argv.size() > 1 && argv.front() == "/init";
    });
    return init == processes.end() ? std::nullopt
                                   : std::optional(Argv(init->begin() + 1, init->end()));
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

bool opts_out_of_supervision(const Argv& command) {
    return std::find(command.begin(), command.end(), "--no-supervise") != command.end();
}

} // namespace gw
