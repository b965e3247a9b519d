#include "cli/parser.hpp"

#include "cli/usage_words.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <span>

namespace gw::cli {

namespace {

constexpr const char* heading_of(Group group) {
    switch (group) {
    case Group::people:
        return "Verbs";
    case Group::gateways:
        return "Verbs of a gateway";
    case Group::images:
        return "Verbs of an image's hooks";
    case Group::hidden:
        break;
    }
    return "";
}

std::string footer_text(const std::vector<ExitStatus>& statuses, const std::string& details,
                        const std::vector<std::string>& examples) {
    std::string text = details.empty() ? "" : details + "\n\n";
    text += "Exit status:\n";
    for (const auto& one : statuses) {
        text += fmt::format("{:>5} {}\n", one.status, one.meaning);
    }
    if (!examples.empty()) {
        text += "\nExamples:\n";
    }
    for (const auto& example : examples) {
        text += "  " + example + "\n";
    }
    text.pop_back();
    return text;
}

/// Flags: given when counted above nothing, so that `--json=false` is not.
CLI::Option* add_flag(CLI::App& app, const Parameter& parameter, Words::Given& given) {
    return app.add_flag_function(
        parameter.name, [&given](std::int64_t count) { given.present = count > 0; },
        parameter.help);
}

template <class Number>
CLI::Option* add_number(CLI::App& app, const Parameter& parameter, Words::Given& given) {
    auto* option = app.add_option_function<Number>(
        parameter.name,
        [&given](const Number& number) {
            given.present = true;
            given.number = static_cast<double>(number);
        },
        parameter.help);
    if (parameter.at_least < parameter.at_most) {
        option->check(
            CLI::Range(static_cast<Number>(parameter.at_least),
                       static_cast<Number>(parameter.at_most))
                .description(fmt::format("{}..{}", parameter.at_least, parameter.at_most)));
    }
    return option;
}

CLI::Option* add_text(CLI::App& app, const Parameter& parameter, Words::Given& given) {
    if (parameter.occurrence == Occurrence::repeatable) {
        return app
            .add_option_function<std::vector<std::string>>(
                parameter.name,
                [&given](const std::vector<std::string>& texts) {
                    given.present = true;
                    given.texts = texts;
                },
                parameter.help)
            ->take_all();
    }
    return app.add_option_function<std::string>(
        parameter.name,
        [&given](const std::string& text) {
            given.present = true;
            given.texts = {text};
        },
        parameter.help);
}

CLI::Option* add_by_value(CLI::App& app, const Parameter& parameter, Words::Given& given) {
    switch (parameter.value) {
    case Value::none:
        return add_flag(app, parameter, given);
    case Value::integer:
        return add_number<int>(app, parameter, given);
    case Value::number:
        return add_number<double>(app, parameter, given);
    case Value::text:
        break;
    }
    return add_text(app, parameter, given);
}

void add_parameter(CLI::App& app, const Parameter& parameter, Words& words) {
    auto* option = add_by_value(app, parameter, words.add(parameter.key()));
    if (parameter.value != Value::none) {
        option->type_name(parameter.value_name);
    }
    option->required(parameter.occurrence == Occurrence::required);
    if (!parameter.choices.empty()) {
        option->transform(CLI::IsMember(parameter.choices, CLI::ignore_case).description(""));
    }
    if (!parameter.default_text.empty()) {
        option->default_str(parameter.default_text);
    }
    if (!parameter.excludes.empty()) {
        option->excludes(app.get_option(parameter.excludes));
    }
}

Globals globals_of(const Words& words) {
    static const std::map<std::string, ColourWhen, std::less<>> colours = {
        {"auto", ColourWhen::automatic},
        {"always", ColourWhen::always},
        {"never", ColourWhen::never}};
    Globals globals;
    globals.flags = {words.value("--home"), words.value("--scandir"), words.value("--manager"),
                     words.value("--scope")};
    globals.profile = words.value("--profile");
    globals.json = words.has("--json");
    globals.colour = colours.at(words.value("--color").value_or("auto"));
    globals.verbosity = words.has("--verbose") ? sys::Verbosity::verbose
                        : words.has("--quiet") ? sys::Verbosity::quiet
                                               : sys::Verbosity::normal;
    return globals;
}

/// Null when there is none of this name.
CLI::App* subcommand_of(CLI::App& app, std::string_view name) {
    for (auto* subcommand : app.get_subcommands({})) {
        if (subcommand->get_name() == name) {
            return subcommand;
        }
    }
    return nullptr;
}

/// CLI11's parser, made from the table: from all of it, or from the verbs of one command line.
class Parser {
  public:
    explicit Parser(std::span<const Verb* const> of_verbs);
    ParsedLine parse(int argc, const char* const* argv);
    std::optional<std::string> help(std::string_view full_name);

  private:
    struct Row {
        CLI::App* app = nullptr;
        const Verb* verb = nullptr;
        Words words;
    };
    void add(const Verb& verb);
    CLI::App& parent_of(const Verb& verb);
    Error usage_error(const CLI::ParseError& error) const;
    Chosen chosen();
    int take_command(int argc, const char* const* argv);

    CLI::App app_{"Gateways in a container that come back after a restart exactly when their "
                  "operator wants them to.",
                  "gatewayctl"};
    Words global_words_;
    std::deque<Row> rows_; ///< a deque, because the parser refers to the words in it
    std::vector<std::string> command_;
};

Parser::Parser(std::span<const Verb* const> of_verbs) {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.footer(footer_text(all_exit_statuses(), "", {}));
    app_.set_version_flag("--version", "gatewayctl " GATEWAYCTL_VERSION);
    // One word for one thing: what CLI11 calls a subcommand is a verb here.
    app_.get_formatter()->label("SUBCOMMAND", "VERB");
    for (const auto& option : global_options()) {
        add_parameter(app_, option, global_words_);
    }
    for (const auto* verb : of_verbs) {
        add(*verb);
    }
}

CLI::App& Parser::parent_of(const Verb& verb) {
    if (verb.parent.empty()) {
        return app_;
    }
    if (auto* parent = subcommand_of(app_, verb.parent)) {
        return *parent;
    }
    const auto row = std::find_if(parent_verbs().begin(), parent_verbs().end(),
                                  [&](const auto& one) { return one.name == verb.parent; });
    auto* parent = app_.add_subcommand(row->name, row->summary);
    parent->require_subcommand(1);
    parent->group(heading_of(row->group));
    parent->footer("gatewayctl help " + row->name + " VERB says more.");
    return *parent;
}

void Parser::add(const Verb& verb) {
    auto& row = rows_.emplace_back();
    row.verb = &verb;
    row.app = parent_of(verb).add_subcommand(verb.name, verb.summary);
    row.app->group(verb.parent.empty() ? heading_of(verb.group) : "Verbs");
    row.app->footer(footer_text(verb.exit_statuses, verb.details, verb.examples));
    for (const auto& parameter : verb.parameters) {
        add_parameter(*row.app, parameter, row.words);
    }
}

/// The command of `run` is taken out before anything else looks at the words: no option of it is
/// ours, and no notation in it is ours to interpret. Answers with the number of words before `--`.
int Parser::take_command(int argc, const char* const* argv) {
    const auto* const begin = argv;
    const auto* const end = argv + argc;
    const auto* const mark = std::find(begin, end, std::string_view("--"));
    const bool takes_one = std::any_of(begin, mark, [this](std::string_view word) {
        return std::ranges::any_of(rows_, [&](const Row& row) {
            return row.verb->full_name() == word && !row.verb->command_name.empty();
        });
    });
    if (mark == end || !takes_one) {
        return argc;
    }
    command_.assign(mark + 1, end);
    return static_cast<int>(mark - begin);
}

Error Parser::usage_error(const CLI::ParseError& error) const {
    const auto row =
        std::find_if(rows_.begin(), rows_.end(), [](const Row& one) { return one.app->parsed(); });
    const auto* verb = row == rows_.end() ? nullptr : row->verb;
    const auto typed = app_.get_subcommands();
    const std::string first = typed.empty() ? "" : typed.front()->get_name();
    auto extras = app_.remaining();
    for (const auto* app : typed) {
        const auto more = app->remaining();
        extras.insert(extras.end(), more.begin(), more.end());
    }
    if (verb == nullptr && first.empty() && extras.empty()) {
        return {Errc::usage, "a verb is missing", "gatewayctl --help"};
    }
    const auto words = usage_words({error.get_name(), error.what(), extras}, verb, first);
    const std::string help = verb != nullptr ? verb->full_name() + " "
                             : first.empty() ? ""
                                             : first + " ";
    return {Errc::usage, words, "gatewayctl " + help + "--help"};
}

/// An option may turn the verb into another one (`reconcile --dry-run`).
Chosen Parser::chosen() {
    const auto row =
        std::find_if(rows_.begin(), rows_.end(), [](const Row& one) { return one.app->parsed(); });
    const auto turned = std::find_if(
        row->verb->parameters.begin(), row->verb->parameters.end(),
        [&](const auto& p) { return !p.turns_into.empty() && row->words.has(p.key()); });
    if (turned == row->verb->parameters.end()) {
        row->words.set_command(std::move(command_));
        return {row->verb, std::move(row->words)};
    }
    const auto other = std::find_if(rows_.begin(), rows_.end(), [&](const Row& one) {
        return one.verb->full_name() == turned->turns_into;
    });
    return {other->verb, std::move(other->words)};
}

ParsedLine Parser::parse(int argc, const char* const* argv) {
    try {
        app_.parse(take_command(argc, argv), argv);
    } catch (const CLI::CallForVersion&) {
        return {globals_of(global_words_), app_.version() + "\n"};
    } catch (const CLI::CallForHelp&) {
        return {globals_of(global_words_), app_.help()};
    } catch (const CLI::ParseError& error) {
        return {globals_of(global_words_), usage_error(error)};
    }
    return {globals_of(global_words_), chosen()};
}

std::optional<std::string> Parser::help(std::string_view full_name) {
    if (full_name.empty()) {
        return app_.help();
    }
    std::string before = app_.get_name();
    CLI::App* app = &app_;
    for (std::string_view rest = full_name; !rest.empty();) {
        const auto word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        if (app != &app_) {
            before += " " + app->get_name();
        }
        app = subcommand_of(*app, word);
        if (app == nullptr) {
            return std::nullopt;
        }
    }
    return app->help(before);
}

std::vector<const Verb*> every_verb() {
    std::vector<const Verb*> all;
    for (const auto& verb : verbs()) {
        all.push_back(&verb);
    }
    return all;
}

/// The verbs that one of the words names, with what their options turn them into; all of them when
/// none is named. To make the parser of all of them takes longer than most verbs.
std::vector<const Verb*> named_verbs(std::span<const char* const> words) {
    const auto is_named = [&](const std::string& name) {
        return std::find(words.begin(), words.end(), std::string_view(name)) != words.end();
    };
    const auto near = verbs_near(words);
    std::vector<const Verb*> named;
    for (const auto* verb : near) {
        const bool turned = std::ranges::any_of(near, [&](const Verb* other) {
            return is_named(other->name) &&
                   std::ranges::any_of(other->parameters, [&](const auto& parameter) {
                       return parameter.turns_into == verb->full_name();
                   });
        });
        if (turned || is_named(verb->parent.empty() ? verb->name : verb->parent)) {
            named.push_back(verb);
        }
    }
    return named.empty() ? every_verb() : named;
}

} // namespace

ParsedLine parse_command_line(int argc, const char* const* argv) {
    const std::span words(argv, static_cast<std::size_t>(argc));
    const auto named = named_verbs(words.empty() ? words : words.subspan(1));
    return Parser(named).parse(argc, argv);
}

std::optional<std::string> help_text(std::string_view full_name) {
    return Parser(every_verb()).help(full_name);
}

} // namespace gw::cli
