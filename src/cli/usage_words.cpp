#include "cli/usage_words.hpp"

#include "base/spelling.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

namespace gw::cli {

namespace {

/// Verbs that may stand there: those of a parent, or the first words.
std::vector<std::string_view> verbs_below(std::string_view parent) {
    std::vector<std::string_view> names;
    for (const auto& verb : verbs()) {
        if (verb.parent == parent && verb.group != Group::hidden) {
            names.emplace_back(verb.name);
        }
    }
    for (const auto& one : parent_verbs()) {
        if (parent.empty()) {
            names.emplace_back(one.name);
        }
    }
    return names;
}

std::vector<std::string_view> options_of(const Verb* verb) {
    std::vector<std::string_view> names = {"--help"};
    const auto add = [&names](const std::vector<Parameter>& parameters) {
        for (const auto& one : parameters) {
            if (const auto long_form = std::string_view(one.name).find("--");
                long_form != std::string_view::npos) {
                names.push_back(std::string_view(one.name).substr(long_form));
            }
        }
    };
    add(global_options());
    if (verb != nullptr) {
        add(verb->parameters);
    }
    return names;
}

const Parameter* parameter_of(const Verb* verb, std::string_view key) {
    const auto find = [key](const std::vector<Parameter>& in) -> const Parameter* {
        const auto found =
            std::find_if(in.begin(), in.end(), [&](const auto& one) { return one.key() == key; });
        return found == in.end() ? nullptr : &*found;
    };
    const auto* own = verb == nullptr ? nullptr : find(verb->parameters);
    return own != nullptr ? own : find(global_options());
}

std::string extra_words(std::string_view word, const Verb* verb, std::string_view parent) {
    if (word.starts_with('-')) {
        const auto name = word.substr(0, word.find('='));
        return fmt::format("there is no option '{}'{}", printable(name),
                           meant_hint(name, options_of(verb)));
    }
    return verb == nullptr ? unknown_verb(word, parent)
                           : fmt::format("'{}' is one word too many", printable(word));
}

/// The part of a text up to, and the part behind, what stands between the two.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view text,
                                                                   std::string_view between) {
    const auto at = text.find(between);
    return at == std::string_view::npos
               ? std::nullopt
               : std::optional(std::pair(text.substr(0, at), text.substr(at + between.size())));
}

/// The value stands behind " = " or "Value " or in front of " not in", by the kind of check.
std::string bad_value(std::string_view name, std::string_view value, const Verb* verb) {
    const auto* parameter = parameter_of(verb, name);
    const auto quoted = printable(shortened(value));
    if (parameter != nullptr && !parameter->choices.empty()) {
        const std::vector<std::string_view> choices(parameter->choices.begin(),
                                                    parameter->choices.end());
        return fmt::format("{}: '{}' is none of {}{}", name, quoted, fmt::join(choices, ", "),
                           meant_hint(value, choices));
    }
    if (parameter != nullptr && parameter->at_least < parameter->at_most) {
        return fmt::format("{}: '{}' is no number from {} to {}", name, quoted, parameter->at_least,
                           parameter->at_most);
    }
    return fmt::format("{}: '{}' is no {}number", name, quoted,
                       parameter != nullptr && parameter->value == Value::integer ? "whole " : "");
}

std::string invalid_words(std::string_view text, const Verb* verb) {
    const auto parts = split(text, ": ");
    if (!parts) {
        return printable(text);
    }
    const auto& [name, rest] = *parts;
    if (const auto outside = split(rest, "Value "); outside && outside->first.empty()) {
        return bad_value(name, outside->second.substr(0, outside->second.find(' ')), verb);
    }
    if (const auto member = split(rest, " not in ")) {
        return bad_value(name, member->first, verb);
    }
    return fmt::format("{}: {}", name, printable(rest));
}

} // namespace

std::string unknown_verb(std::string_view word, std::string_view parent) {
    return fmt::format("there is no verb '{}{}{}'{}", parent, parent.empty() ? "" : " ",
                       printable(word), meant_hint(word, verbs_below(parent)));
}

std::string usage_words(const ParserWords& said, const Verb* verb, std::string_view parent) {
    const std::string_view text = said.text;
    constexpr std::string_view unexpected = " not expected: ";
    if (const auto extra = split(text, unexpected)) {
        return extra_words(words_of(extra->second).back(), verb,
                           parent); // the first that was typed
    }
    if (verb == nullptr && !said.extras.empty()) {
        return extra_words(said.extras.front(), verb, parent);
    }
    if (const auto missing = split(text, " is required"); missing && missing->second.empty()) {
        return verb != nullptr ? fmt::format("{} is missing", missing->first)
                               : fmt::format("{}a verb is missing: {}",
                                             parent.empty() ? "" : fmt::format("'{}': ", parent),
                                             fmt::join(verbs_below(parent), ", "));
    }
    if (const auto both = split(text, " excludes ")) {
        return fmt::format("{} and {} cannot be given together", both->first, both->second);
    }
    constexpr std::string_view unconverted = "Could not convert: ";
    if (text.starts_with(unconverted)) {
        const auto value = split(text.substr(unconverted.size()), " = ");
        return value ? bad_value(value->first, value->second, verb) : printable(text);
    }
    if (const auto lacking = split(text, ": "); lacking && text.ends_with(" missing")) {
        return fmt::format("{} needs a value", lacking->first);
    }
    return said.kind == "ValidationError" ? invalid_words(text, verb) : printable(text);
}

} // namespace gw::cli
