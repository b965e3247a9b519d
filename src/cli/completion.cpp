#include "cli/completion.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace gw::cli {

namespace {

/// What the words before the cursor have settled.
struct Position {
    std::string parent;              ///< "marker" of `marker write`
    const Verb* verb = nullptr;      ///< null: not typed yet
    std::size_t positionals = 0;     ///< of the verb, that are typed already
    const Parameter* open = nullptr; ///< the option whose value is to come
    bool in_command = false;         ///< behind `--`, where no word is ours
    std::optional<std::string> home;
};

std::vector<std::string> names_of(const Parameter& option) {
    std::vector<std::string> names;
    for (std::size_t begin = 0; begin < option.name.size();) {
        const auto end = std::min(option.name.find(',', begin), option.name.size());
        names.push_back(option.name.substr(begin, end - begin));
        begin = end + 1;
    }
    return names;
}

std::vector<const Parameter*> options_at(const Position& at) {
    std::vector<const Parameter*> options;
    if (at.verb != nullptr) {
        for (const auto& parameter : at.verb->parameters) {
            if (parameter.is_option()) {
                options.push_back(&parameter);
            }
        }
    }
    for (const auto& option : global_options()) {
        options.push_back(&option);
    }
    return options;
}

const Parameter* option_named(const Position& at, std::string_view name) {
    for (const auto* option : options_at(at)) {
        const auto names = names_of(*option);
        if (std::ranges::find(names, name) != names.end()) {
            return option;
        }
    }
    return nullptr;
}

bool is_parent(std::string_view word) {
    return std::ranges::any_of(parent_verbs(), [&](const auto& one) { return one.name == word; });
}

void take_word(Position& at, const std::string& word) {
    constexpr std::string_view home = "--home";
    if (at.open != nullptr) {
        at.home = at.open->key() == home ? word : at.home;
        at.open = nullptr;
    } else if (word == "--") {
        at.in_command = true;
    } else if (word.starts_with('-')) {
        if (word.starts_with("--home=")) {
            at.home = word.substr(home.size() + 1);
        }
        const auto* option = option_named(at, word);
        at.open = option != nullptr && option->value != Value::none ? option : nullptr;
    } else if (at.verb != nullptr) {
        ++at.positionals;
    } else if (at.parent.empty() && is_parent(word)) {
        at.parent = word;
    } else {
        at.verb = find_verb(at.parent.empty() ? word : at.parent + " " + word);
    }
}

void offer(Completion& completion, std::string_view typed, Candidate candidate) {
    if (candidate.word.starts_with(typed)) {
        completion.candidates.push_back(std::move(candidate));
    }
}

void offer_verbs(Completion& completion, std::string_view typed, const std::string& parent) {
    for (const auto& verb : verbs()) {
        if (verb.parent == parent && verb.group != Group::hidden) {
            offer(completion, typed, {verb.name, verb.summary});
        }
    }
    for (const auto& one : parent_verbs()) {
        if (parent.empty()) {
            offer(completion, typed, {one.name, one.summary});
        }
    }
}

/// `before` stands in front of each candidate: "--option=".
void offer_values(Completion& completion, std::string_view typed, const Parameter& of,
                  const std::string& before = "") {
    for (const auto& choice : of.choices) {
        offer(completion, typed, {before + choice});
    }
    switch (of.completer) {
    case Completer::profile:
        completion.wants_profiles = before.empty();
        break;
    case Completer::verb:
        offer_verbs(completion, typed, "");
        break;
    case Completer::directory:
        completion.offer = ShellOffer::directories;
        break;
    case Completer::manager:
        for (const char* kind : {"s6", "systemd", "launchd"}) {
            offer(completion, typed, {before + kind});
        }
        break;
    case Completer::none:
        break;
    }
}

void offer_options(Completion& completion, std::string_view typed, const Position& at) {
    for (const auto* option : options_at(at)) {
        for (auto& name : names_of(*option)) {
            if (name.starts_with("--") || typed == "-") {
                offer(completion, typed, {std::move(name), option->help});
            }
        }
    }
    offer(completion, typed, {"--help", "Print this help message and exit"});
}

void offer_positional(Completion& completion, std::string_view typed, const Position& at) {
    std::size_t index = 0;
    for (const auto& parameter : at.verb->parameters) {
        if (parameter.is_option()) {
            continue;
        }
        if (index == at.positionals || parameter.occurrence == Occurrence::repeatable) {
            offer_values(completion, typed, parameter);
            return;
        }
        ++index;
    }
}

} // namespace

Completion complete_line(std::span<const std::string> words) {
    Completion completion;
    if (words.empty()) {
        return completion;
    }
    Position at;
    for (const auto& word : words.first(words.size() - 1)) {
        take_word(at, word);
    }
    completion.home = at.home;
    const std::string& typed = words.back();
    const auto equals = typed.find('=');
    if (at.in_command) {
        completion.offer = ShellOffer::files;
    } else if (at.open != nullptr) {
        offer_values(completion, typed, *at.open);
    } else if (typed.starts_with("--") && equals != std::string::npos) {
        if (const auto* option = option_named(at, typed.substr(0, equals))) {
            offer_values(completion, typed, *option, typed.substr(0, equals + 1));
        }
    } else if (typed.starts_with('-')) {
        offer_options(completion, typed, at);
    } else if (at.verb == nullptr) {
        offer_verbs(completion, typed, at.parent);
    } else {
        offer_positional(completion, typed, at);
    }
    return completion;
}

} // namespace gw::cli
