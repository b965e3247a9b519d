#include "cli/parser.hpp"
#include "cli/verb_table.hpp"
#include "operate/drain_deadline.hpp"
#include "operate/unit_hooks.hpp"
#include "run/supervision.hpp"
#include "support.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>

using namespace gw;
using namespace gw::cli;

namespace {

/// Every name of a parameter: `-f,--follow` has two.
std::set<std::string> names_of(const Parameter& parameter) {
    std::set<std::string> names = {parameter.key()};
    if (const auto comma = parameter.name.find(','); comma != std::string::npos) {
        names.insert(parameter.name.substr(0, comma));
    }
    return names;
}

ParsedLine parsed(std::initializer_list<const char*> words) {
    std::vector<const char*> line = {"gatewayctl"};
    line.insert(line.end(), words);
    return parse_command_line(static_cast<int>(line.size()), line.data());
}

Chosen chosen(std::initializer_list<const char*> words) {
    const auto line = parsed(words);
    REQUIRE(std::holds_alternative<Chosen>(line.what));
    return std::get<Chosen>(line.what);
}

Error refused(std::initializer_list<const char*> words) {
    const auto line = parsed(words);
    REQUIRE(std::holds_alternative<Error>(line.what));
    return std::get<Error>(line.what);
}

} // namespace

TEST_CASE("verbs: every row says what a person or a program needs to know of it") {
    for (const auto& verb : verbs()) {
        CAPTURE(verb.full_name());
        CHECK_FALSE(verb.summary.empty());
        CHECK_FALSE(verb.exit_statuses.empty());
        CHECK_FALSE(verb.examples.empty());
        CHECK(std::is_sorted(
            verb.exit_statuses.begin(), verb.exit_statuses.end(),
            [](const ExitStatus& a, const ExitStatus& b) { return a.status < b.status; }));
        for (const auto& example : verb.examples) {
            CHECK(example.starts_with("gatewayctl "));
            CHECK(example.find(" " + verb.full_name()) != std::string::npos);
        }
        for (const auto& parameter : verb.parameters) {
            CAPTURE(parameter.name);
            CHECK_FALSE(parameter.help.empty());
            const bool shows_its_value = parameter.is_option() && parameter.value != Value::none;
            CHECK(shows_its_value == !parameter.value_name.empty());
        }
    }
}

TEST_CASE("verbs: each is found by its first word, with what its options make of it") {
    for (const auto& verb : verbs()) {
        CAPTURE(verb.full_name());
        const std::string& first = verb.parent.empty() ? verb.name : verb.parent;
        const char* const word = first.c_str();
        const auto near = verbs_near({&word, 1});
        const auto has = [&](const std::string& name) {
            return std::ranges::any_of(near,
                                       [&](const Verb* one) { return one->full_name() == name; });
        };
        CHECK(has(verb.full_name()));
        for (const auto& parameter : verb.parameters) {
            CHECK((parameter.turns_into.empty() || has(parameter.turns_into)));
        }
    }
}

TEST_CASE("verbs: names are unique") {
    std::set<std::string> names;
    for (const auto& verb : verbs()) {
        CHECK_MESSAGE(names.insert(verb.full_name()).second, verb.full_name());
        CHECK(find_verb(verb.full_name()) == &verb);
    }
    for (const auto& parent : parent_verbs()) {
        CHECK_MESSAGE(names.insert(parent.name).second, parent.name);
    }
    CHECK(find_verb("frobnicate") == nullptr);
}

TEST_CASE("verbs: the parent of a verb is in the table of parents") {
    for (const auto& verb : verbs()) {
        const auto is_its_parent = [&](const ParentVerb& one) { return one.name == verb.parent; };
        CHECK((verb.parent.empty() ||
               std::any_of(parent_verbs().begin(), parent_verbs().end(), is_its_parent)));
    }
}

TEST_CASE("verbs: who only looks has a function that gets no effects, and nobody else has") {
    for (const auto& verb : verbs()) {
        CAPTURE(verb.full_name());
        if (std::holds_alternative<OtherProgram>(verb.function)) {
            continue; // that one's command line makes the effects, by its own functions
        }
        CHECK((verb.touch == Touch::look) == std::holds_alternative<Look>(verb.function));
        CHECK((std::holds_alternative<Look>(verb.function)
                   ? std::get<Look>(verb.function) != nullptr
                   : std::get<Change>(verb.function) != nullptr));
        if (verb.privilege == Privilege::runner_with_scandir) {
            CHECK(verb.touch == Touch::change);
        }
    }
    for (const char* name : {"plan", "status", "list", "logs", "detect", "render", "version",
                             "marker show", "unit-start", "help"}) {
        REQUIRE(find_verb(name) != nullptr);
        CHECK(find_verb(name)->touch == Touch::look);
    }
}

TEST_CASE("verbs: no option means one thing for all verbs and another for one") {
    std::set<std::string> global = {"-h", "--help", "--version"};
    for (const auto& option : global_options()) {
        global.merge(names_of(option));
    }
    for (const auto& verb : verbs()) {
        CAPTURE(verb.full_name());
        std::set<std::string> own;
        for (const auto& parameter : verb.parameters) {
            for (const auto& name : names_of(parameter)) {
                CHECK_MESSAGE(!global.contains(name), name);
                CHECK_MESSAGE(own.insert(name).second, name);
            }
        }
    }
}

TEST_CASE("verbs: an option that makes another verb of it makes one that looks") {
    CHECK(chosen({"reconcile"}).verb->full_name() == "reconcile");
    for (const char* option : {"-n", "--dry-run"}) {
        CHECK(chosen({"reconcile", option}).verb->full_name() == "plan");
    }
    for (const auto& verb : verbs()) {
        for (const auto& parameter : verb.parameters) {
            if (!parameter.turns_into.empty()) {
                REQUIRE(find_verb(parameter.turns_into) != nullptr);
                CHECK(find_verb(parameter.turns_into)->touch == Touch::look);
            }
        }
    }
}

TEST_CASE("verbs: every verb has a help with its statuses and examples") {
    for (const auto& verb : verbs()) {
        CAPTURE(verb.full_name());
        const auto text = help_text(verb.full_name());
        REQUIRE(text);
        CHECK(text->find("Usage: gatewayctl " + verb.full_name()) != std::string::npos);
        CHECK(text->find("Exit status:") != std::string::npos);
        CHECK(text->find(verb.examples.front()) != std::string::npos);
    }
    CHECK(help_text("marker")->find("consume") != std::string::npos);
    CHECK_FALSE(help_text("marker frobnicate"));
    CHECK_FALSE(help_text("frobnicate"));
}

TEST_CASE("parser: words reach the verb as they were typed") {
    const auto stop = chosen({"stop", "a", "b", "--timeout", "2.5", "--force"});
    CHECK(stop.words.values("NAME") == std::vector<std::string>{"a", "b"});
    CHECK(stop.words.number("--timeout") == 2.5);
    CHECK(stop.words.has("--force"));
    CHECK_FALSE(stop.words.has("--all"));
    CHECK(chosen({"logs", "-n", "7"}).words.integer("--lines") == 7);
    CHECK_FALSE(chosen({"logs"}).words.integer("--lines"));
    CHECK(chosen({"marker", "show", "--kind", "takeover"}).words.value("--kind") == "takeover");
}

TEST_CASE("parser: no word of a gateway's command is an option of ours") {
    const auto run = chosen({"run", "--replace", "--", "sh", "--json", "--", "-v"});
    CHECK(run.words.command() == std::vector<std::string>{"sh", "--json", "--", "-v"});
    CHECK(run.words.has("--replace"));
    CHECK_FALSE(parsed({"run", "--", "sh", "--json"}).globals.json);
}

TEST_CASE("parser: global options count before and after the verb") {
    CHECK(parsed({"--json", "list"}).globals.json);
    CHECK(parsed({"list", "--json"}).globals.json);
    CHECK_FALSE(parsed({"list", "--json=false"}).globals.json);
    CHECK(parsed({"list", "--color", "NEVER"}).globals.colour == ColourWhen::never);
    CHECK(parsed({"-q", "list", "-v"}).globals.verbosity == sys::Verbosity::verbose);
    CHECK(parsed({"list", "-p", "a", "--home", "/x"}).globals.flags.home == "/x");
}

TEST_CASE("parser: wrong words are usage errors") {
    for (const auto& error :
         {refused({"stop", "--timeout", "86401"}), refused({"stop", "--timeout", "-1"}),
          refused({"stop", "a", "--all"}), refused({"register"}), refused({"logs", "-n", "-1"}),
          refused({"marker"}), refused({"marker", "show", "--kind", "x"}), refused({"run", "x"}),
          refused({"frobnicate"}), refused({"list", "--color", "blue"}), refused({})}) {
        CHECK(error.code == Errc::usage);
        CHECK(error.next.starts_with("gatewayctl "));
    }
}

TEST_CASE("drain: the deadline is what s6-overlay leaves a hook") {
    using operate::drain_deadline;
    constexpr seconds drain{60};
    CHECK(drain_deadline(std::nullopt, drain) == milliseconds(kill_timeout(drain)));
    CHECK(drain_deadline("0", drain) == milliseconds(kill_timeout(drain)));
    CHECK(drain_deadline("20000", drain) == milliseconds{19700});
    CHECK(drain_deadline("200", drain) == milliseconds{0});
    for (const char* nonsense : {"", "soon", "5s", "-5"}) {
        CHECK(drain_deadline(nonsense, drain) == milliseconds{4700});
    }
    CHECK(drain_deadline("9000000", drain) == milliseconds(kill_timeout(drain)));
}

TEST_CASE("unit hooks: systemd's words for an end") {
    using operate::parse_unit_end;
    CHECK(parse_unit_end("exited", "78")->code == 78);
    CHECK_FALSE(parse_unit_end("exited", "78")->signal);
    CHECK(parse_unit_end("killed", "KILL")->signal == 9);
    CHECK(parse_unit_end("dumped", "SEGV")->signal == 11);
    CHECK_FALSE(parse_unit_end("", ""));
    CHECK_FALSE(parse_unit_end("exited", "7x"));
    CHECK_FALSE(parse_unit_end("killed", "FROBNICATE"));
}

namespace {

run::RunOptions fitted(std::initializer_list<std::pair<const std::string, std::string>> variables) {
    const std::map<std::string, std::string> environment(variables);
    run::RunOptions options;
    run::fit_to_supervisor(
        [&](const std::string& name) {
            const auto found = environment.find(name);
            return found == environment.end() ? std::nullopt : std::optional(found->second);
        },
        options);
    return options;
}

} // namespace

TEST_CASE("run: the supervisor is known by its environment") {
    using run::Supervision;
    CHECK(fitted({}).supervision == Supervision::none);
    CHECK(fitted({{"XPC_SERVICE_NAME", "0"}}).supervision == Supervision::none);
    CHECK(fitted({{"XPC_SERVICE_NAME", "x"}}).supervision == Supervision::supervised);
    CHECK(fitted({{"INVOCATION_ID", "1"}}).supervision == Supervision::supervised);
    CHECK(fitted({{"HERMES_SUPERVISED_CHILD", "1"}}).supervision == Supervision::supervised);
    CHECK(fitted({{"HERMES_S6_SUPERVISED_CHILD", "1"}}).supervision == Supervision::supervised);
    for (const auto& [word, supervision] :
         std::initializer_list<std::pair<std::string, Supervision>>{
             {"1", Supervision::supervised},
             {"True", Supervision::supervised},
             {"on", Supervision::supervised},
             {"0", Supervision::none},
             {"no", Supervision::none}}) {
        CAPTURE(word);
        CHECK(fitted({{"HERMES_GATEWAY_EXTERNAL_SUPERVISOR", word}}).supervision == supervision);
    }
    CHECK(fitted({{"HERMES_S6_SUPERVISED_CHILD", "1"}}).notification_fd == 3);
    CHECK_FALSE(fitted({}).notification_fd);
    CHECK(fitted({{"NOTIFY_SOCKET", "/s"}}).notify_socket == "/s");
    CHECK(fitted({{"GATEWAYCTL_SYSTEMD_UNIT", "user:x"}}).stop_was_asked);
}

TEST_CASE("run: --ready-after is milliseconds or notify") {
    CHECK(run::parse_ready_after("250").value() == milliseconds{250});
    CHECK(run::parse_ready_after("notify").value() == std::nullopt);
    for (const char* wrong : {"", "-1", "1s", "soon"}) {
        CHECK(run::parse_ready_after(wrong).error().code == Errc::usage);
    }
}
