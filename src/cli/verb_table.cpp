#include "cli/verb_table.hpp"

#include "base/error.hpp"
#include "cli/verb_rows.hpp"
#include "rules/time_limits.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace gw::cli {

namespace rows {

Parameter names() {
    return {.name = "NAME",
            .help = "Profiles; default: -p, else 'default'",
            .occurrence = Occurrence::repeatable,
            .completer = Completer::profile};
}

Parameter one_name() {
    return {.name = "NAME",
            .help = "The profile",
            .occurrence = Occurrence::required,
            .completer = Completer::profile};
}

Parameter all(std::string help) {
    return {.name = "--all", .help = std::move(help), .value = Value::none, .excludes = "NAME"};
}

Parameter timeout(const std::string& otherwise) {
    return {.name = "--timeout",
            .value_name = "SECONDS",
            .help = "Seconds to wait; default: " + otherwise,
            .value = Value::number,
            .at_most = static_cast<double>(max_drain_timeout.count())};
}

Parameter force() {
    return flag("--force", "SIGKILL what still lives at the deadline");
}

Parameter flag(std::string name, std::string help) {
    return {.name = std::move(name), .help = std::move(help), .value = Value::none};
}

std::vector<ExitStatus> usual_statuses(std::initializer_list<int> more) {
    std::vector<int> wanted = {exit_status::done, exit_status::some_failed, exit_status::usage,
                               exit_status::not_permitted, exit_status::bad_config};
    wanted.insert(wanted.end(), more.begin(), more.end());
    std::vector<ExitStatus> statuses;
    std::copy_if(all_exit_statuses().begin(), all_exit_statuses().end(),
                 std::back_inserter(statuses), [&](const ExitStatus& one) {
                     return std::find(wanted.begin(), wanted.end(), one.status) != wanted.end();
                 });
    return statuses;
}

std::vector<ExitStatus> doctor_statuses(std::initializer_list<ExitStatus> more) {
    std::vector<ExitStatus> statuses = {{exit_status::done, "nothing is wrong"},
                                        {exit_status::some_failed, "something is wrong"},
                                        {exit_status::changes_pending, "there are only warnings"},
                                        {exit_status::usage, "usage"}};
    statuses.insert(statuses.end(), more);
    return statuses;
}

} // namespace rows

namespace {

/// In the order of the help.
std::vector<rows::Chapter> chapters() {
    std::vector<rows::Chapter> all;
    for (const auto part : {rows::of_people(), rows::of_looking(), rows::of_the_program_and_hosts(),
                            rows::of_fleets(), rows::of_gateways(), rows::of_images()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

} // namespace

const std::vector<Verb>& verbs() {
    static const std::vector<Verb> table = [] {
        std::vector<Verb> all;
        for (const auto& chapter : chapters()) {
            auto rows = chapter.rows();
            std::move(rows.begin(), rows.end(), std::back_inserter(all));
        }
        return all;
    }();
    return table;
}

std::vector<const Verb*> verbs_near(std::span<const char* const> words) {
    static std::map<std::vector<Verb> (*)(), std::vector<Verb>> made;
    std::vector<const Verb*> near;
    for (const auto& chapter : chapters()) {
        const bool is_meant = std::ranges::any_of(words, [&](std::string_view word) {
            return !word.empty() && std::ranges::find(chapter.words, word) != chapter.words.end();
        });
        if (!is_meant) {
            continue;
        }
        auto& rows = made[chapter.rows];
        if (rows.empty()) {
            rows = chapter.rows();
        }
        for (const auto& verb : rows) {
            near.push_back(&verb);
        }
    }
    return near;
}

const std::vector<ParentVerb>& parent_verbs() {
    static const std::vector<ParentVerb> parents = {
        {"marker", Group::gateways, "The durable note that a stop was asked for (gateway's side)"},
        {"state", Group::gateways, "What a gateway without `run` records of its life"},
        {"fleet", Group::people, "Members on several machines that share a volume, through etcd"}};
    return parents;
}

const Verb* find_verb(std::string_view full_name) {
    const auto found = std::find_if(verbs().begin(), verbs().end(), [&](const Verb& verb) {
        return verb.full_name() == full_name;
    });
    return found == verbs().end() ? nullptr : &*found;
}

const std::vector<Parameter>& global_options() {
    static const std::vector<Parameter> options = {
        {.name = "-p,--profile",
         .value_name = "PROFILE",
         .help = "Profile the verb is about",
         .completer = Completer::profile},
        {.name = "--home",
         .value_name = "DIR",
         .help = "The volume's directory (HERMES_HOME)",
         .completer = Completer::directory},
        {.name = "--scandir",
         .value_name = "DIR",
         .help = "Directory that s6-svscan watches (S6_PROFILE_GATEWAY_SCANDIR)",
         .completer = Completer::directory},
        {.name = "--manager",
         .value_name = "KIND",
         .help = "s6, systemd or launchd instead of detection (GATEWAYCTL_MANAGER)",
         .completer = Completer::manager},
        {.name = "--scope",
         .value_name = "SCOPE",
         .help = "systemd: system or user (GATEWAYCTL_SCOPE); root means system"},
        rows::flag("--json", "One JSON object on stdout"),
        {.name = "--color",
         .value_name = "WHEN",
         .help = "auto, always or never",
         .choices = {"auto", "always", "never"}},
        rows::flag("-q,--quiet", "Errors only"),
        rows::flag("-v,--verbose", "Say more on stderr"),
    };
    return options;
}

const std::vector<ExitStatus>& all_exit_statuses() {
    static const std::vector<ExitStatus> statuses = {
        {exit_status::done, "done"},
        {exit_status::some_failed, "some of it failed"},
        {exit_status::changes_pending, "changes pending (plan --detailed-exitcode)"},
        {exit_status::not_running, "not running (status)"},
        {exit_status::not_registered, "not registered"},
        {exit_status::usage, "usage"},
        {exit_status::no_manager, "no manager"},
        {exit_status::timed_out, "timed out"},
        {exit_status::not_permitted, "not permitted"},
        {exit_status::bad_config, "bad configuration"},
    };
    return statuses;
}

} // namespace gw::cli
