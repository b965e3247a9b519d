/// Every verb of the command line as data. The parser, the help, manual pages and completions are
/// made from this table, so that none of them can say something else than the program does.
#pragma once

#include "sys/effects.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gw::cli {

class Context;
class Words;

/// What a shell completes a word to.
enum class Completer { none, profile, verb, directory, manager };

/// What kind of value an option or argument takes.
enum class Value {
    none, ///< a flag
    text,
    integer, ///< fits an `int`
    number,  ///< decimal
};

/// How often an option or argument is given.
enum class Occurrence { optional, required, repeatable };

/// An option (its name begins with `-`) or a positional argument.
struct Parameter {
    std::string name{};       ///< "-f,--follow", "--timeout", "NAME"
    std::string value_name{}; ///< "SECONDS"; empty for flags and arguments
    std::string help{};
    Value value = Value::text;
    Occurrence occurrence = Occurrence::optional;
    Completer completer = Completer::none;
    std::string default_text{}; ///< shown in the help; empty: `help` says it or there is none
    std::vector<std::string> choices{}; ///< the only values; empty: any
    double at_least = 0;                ///< of a number; both 0: no limits
    double at_most = 0;
    std::string excludes{};   ///< a parameter that cannot be given together with this one
    std::string turns_into{}; ///< with this flag the verb is that other verb

    [[nodiscard]] bool is_option() const { return name.starts_with('-'); }
    /// The name by which `Words` knows it: the long form.
    [[nodiscard]] std::string key() const { return name.substr(name.rfind(',') + 1); }
};

/// Whom a verb is for; the help lists them so.
enum class Group {
    people,
    gateways, ///< called by a gateway or in front of it
    images,   ///< hooks of an image
    hidden,   ///< called by slots and units of this program, not shown
};

/// What a verb may touch.
enum class Touch {
    look,   ///< nothing
    record, ///< files on the volume
    change, ///< also the supervisor
};

/// As whom a verb works when root calls it and it opens the home.
enum class Privilege {
    /// As the account that runs the gateways, from before the home is opened. Where root has to
    /// command the supervisor too (the system's systemd) it can be root again for that.
    runner,
    /// As `runner`, and under s6 the scandir is given to that account first.
    runner_with_scandir,
    /// As `runner_with_scandir`, also where no supervisor is seen yet.
    runner_of_boot_pass,
    /// As `runner_with_scandir`, in a tree of that account's own, whatever supervisor is seen.
    runner_of_own_tree,
};

/// A verb that only looks. It gets nothing by which it could change anything.
using Look = int (*)(Context&, const Words&);
/// A verb that records or changes: the only kind that is handed the right to.
using Change = int (*)(Context&, const Words&, sys::Effects&);

/// A verb that another program carries out (`gatewayctl-fleet`), which is found beside this one, or
/// in PATH: what it needs is not in this one.
struct OtherProgram {
    std::string_view name;
    std::string_view install; ///< what to do where it is not there
};

struct ExitStatus {
    int status = 0;
    std::string meaning{};
};

struct Verb {
    std::string parent{}; ///< "marker" of `marker write`; empty for most
    std::string name{};
    Group group = Group::people;
    std::string summary{}; ///< one line
    std::string details{}; ///< what the help says below the options; may be empty
    std::vector<Parameter> parameters{};
    std::string command_name{}; ///< what follows `--` ("COMMAND"); empty: nothing does
    std::vector<ExitStatus> exit_statuses{};
    std::vector<std::string> examples{}; ///< whole command lines
    Touch touch = Touch::look;
    Privilege privilege = Privilege::runner;
    std::variant<Look, Change, OtherProgram> function{};

    /// As typed: "marker write".
    [[nodiscard]] std::string full_name() const {
        return parent.empty() ? name : parent + " " + name;
    }
};

/// A verb that is only the first word of others.
struct ParentVerb {
    std::string name{};
    Group group = Group::people;
    std::string summary{};
};

/// Every verb, in the order of the help.
const std::vector<Verb>& verbs();
/// Those that one of the words may be meant for, and those that stand beside them in the table; to
/// make the whole table takes longer than most verbs.
std::vector<const Verb*> verbs_near(std::span<const char* const> words);
const std::vector<ParentVerb>& parent_verbs();
/// The verb with this full name; null when there is none.
const Verb* find_verb(std::string_view full_name);

/// Options that every verb has.
const std::vector<Parameter>& global_options();

/// Every exit status of the program.
const std::vector<ExitStatus>& all_exit_statuses();

} // namespace gw::cli
