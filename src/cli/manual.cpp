#include "cli/manual.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/mdoc.hpp"
#include "cli/output.hpp"
#include "cli/verb_table.hpp"
#include "cli/verbs.hpp"
#include "rules/setting_table.hpp"
#include "rules/variables.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace gw::cli {

namespace {

/// Of the version; docs/changelog.md has the same.
constexpr std::string_view date = "November 26, 2026";

/// What is set for a gateway, or read by one alone; the rest stands in the table of settings.
struct VariableMeaning {
    Variable variable;
    std::string_view meaning;
};

constexpr std::array other_variables = {
    VariableMeaning{Variable::profile, "The profile of a verb that a gateway calls; each slot and "
                                       "unit sets it."},
    VariableMeaning{Variable::capacity, "The weight of this member of a fleet beside the others, "
                                        "in the place of capacity below fleet."},
    VariableMeaning{Variable::external_supervisor,
                    "To `gatewayctl run`: whoever starts it also starts it again."},
    VariableMeaning{Variable::port, "Set for a gateway: a port of its own."},
    VariableMeaning{Variable::supervised_child, "Set for a gateway: 1 under every supervisor."},
    VariableMeaning{Variable::s6_supervised_child, "Set for a gateway: 1 under s6."},
    VariableMeaning{Variable::systemd_unit, "Set for a gateway: the unit that it runs in."},
    VariableMeaning{Variable::launchd_label, "Set for a gateway: the label of its launchd job."},
    VariableMeaning{Variable::share,
                    "Set by a supervision tree: the descriptor in which what lives "
                    "in it has inherited the lock of the volume."},
    VariableMeaning{Variable::fence,
                    "Set in a member of a fleet: the directory that says until when "
                    "its gateways may run."},
    VariableMeaning{Variable::fencing_token,
                    "Set for a gateway in a member of a fleet: greater with each member that gets "
                    "its place."},
};

/// "Fl p , Fl \-profile Ar PROFILE"; an option without its hyphen, as Fl wants it.
std::string option_head(const Parameter& option) {
    std::string head;
    for (std::size_t at = 0; at < option.name.size();) {
        const auto end = std::min(option.name.find(',', at), option.name.size());
        head += (head.empty() ? "Fl " : " , Fl ") +
                Mdoc::word(option.name.substr(at + 1, end - at - 1));
        at = end + 1;
    }
    return option.value_name.empty() ? head : head + " Ar " + Mdoc::word(option.value_name);
}

std::string in_synopsis(const Parameter& parameter) {
    const auto long_form = Parameter{.name = parameter.key(), .value_name = parameter.value_name};
    std::string words =
        parameter.is_option() ? option_head(long_form) : "Ar " + Mdoc::word(parameter.name);
    words += parameter.occurrence == Occurrence::repeatable ? " ..." : "";
    return parameter.occurrence == Occurrence::required ? words : "Op " + words;
}

std::string help_of(const Parameter& parameter) {
    std::string text = parameter.help;
    if (!parameter.choices.empty()) {
        text += "; one of";
        for (const auto& choice : parameter.choices) {
            text += (choice == parameter.choices.front() ? " " : ", ") + choice;
        }
    }
    if (!parameter.default_text.empty()) {
        text += fmt::format("; default: {}", parameter.default_text);
    }
    if (!parameter.excludes.empty()) {
        text += fmt::format("; not together with {}", parameter.excludes);
    }
    return text + ".";
}

void put_parameters(Mdoc& page, const std::vector<Parameter>& parameters) {
    if (parameters.empty()) {
        return;
    }
    page.begin_list();
    for (const auto& parameter : parameters) {
        page.item(parameter.is_option() ? option_head(parameter)
                                        : "Ar " + Mdoc::word(parameter.name),
                  help_of(parameter));
    }
    page.end_list();
}

void put_statuses(Mdoc& page, const std::vector<ExitStatus>& statuses) {
    page.begin_list();
    for (const auto& one : statuses) {
        page.item(fmt::format("{}", one.status), one.meaning + ".");
    }
    page.end_list();
}

std::vector<const Verb*> verbs_of_page(std::string_view name) {
    std::vector<const Verb*> found;
    for (const auto& verb : verbs()) {
        if (verb.group != Group::hidden &&
            (verb.parent.empty() ? verb.name : verb.parent) == name) {
            found.push_back(&verb);
        }
    }
    return found;
}

/// Of a verb, or of all verbs with one first word.
std::string verb_page(std::string_view name) {
    const auto all = verbs_of_page(name);
    const auto parent = std::ranges::find(parent_verbs(), name, &ParentVerb::name);
    const bool several = parent != parent_verbs().end();
    const auto title = fmt::format("gatewayctl-{}", name);
    Mdoc page(title, 1, date, several ? parent->summary : all.front()->summary);
    page.section("SYNOPSIS");
    for (const auto* verb : all) {
        put_synopsis(page, *verb);
    }
    page.section("DESCRIPTION");
    for (const auto* verb : all) {
        if (several) {
            page.subsection(fmt::format("gatewayctl {}", verb->full_name()));
        }
        page.paragraph(verb->summary + ".");
        if (!verb->details.empty()) {
            page.paragraph(verb->details);
        }
        put_parameters(page, verb->parameters);
    }
    page.paragraph("The options of every verb stand in");
    page.macro("Xr gatewayctl 1 .");
    page.section("EXIT STATUS");
    for (const auto* verb : all) {
        if (several) {
            page.subsection(fmt::format("gatewayctl {}", verb->full_name()));
        }
        put_statuses(page, verb->exit_statuses);
    }
    page.section("EXAMPLES");
    std::string examples;
    for (const auto* verb : all) {
        for (const auto& example : verb->examples) {
            examples += example + "\n";
        }
    }
    page.literal(examples);
    page.section("SEE ALSO");
    page.macro("Xr gatewayctl 1 ,");
    page.macro("Xr gatewayctl.yaml 5");
    return page.text();
}

/// The first words of all verbs of a group, in the order of the help.
void put_verbs(Mdoc& page, Group group) {
    page.begin_list();
    for (const auto& verb : verbs()) {
        if (verb.group == group && verb.parent.empty()) {
            page.item("Cm " + Mdoc::word(verb.name), verb.summary + ".");
        }
    }
    for (const auto& one : parent_verbs()) {
        if (one.group == group) {
            page.item("Cm " + Mdoc::word(one.name), one.summary + ".");
        }
    }
    page.end_list();
}

void put_environment(Mdoc& page) {
    page.section("ENVIRONMENT");
    page.paragraph("Flags beat environment beats configuration file beats default. A blank "
                   "variable counts as unset.");
    page.begin_list();
    for (const auto& row : setting_table()) {
        if (row.variable) {
            page.item(fmt::format("Ev {}", name_of(*row.variable)),
                      fmt::format("{} Default: {}.", row.meaning, row.default_words));
        }
    }
    for (const auto& other : other_variables) {
        page.item(fmt::format("Ev {}", name_of(other.variable)), other.meaning);
    }
    page.end_list();
}

std::string program_page() {
    Mdoc page("gatewayctl", 1, date, "gateways that come back exactly when they should");
    page.section("SYNOPSIS");
    page.macro("Nm");
    for (const auto& option : global_options()) {
        page.macro(in_synopsis(option));
    }
    page.macro("Ar VERB");
    page.macro("Op Ar ...");
    page.section("DESCRIPTION");
    page.paragraph("Many long-lived gateways, one per profile on a persistent volume, run in one "
                   "container whose supervisor directory is wiped at every restart, or as units "
                   "of a host. This command rebuilds it at boot, and runs, stops and registers "
                   "gateways afterwards, so that each one comes back after a restart exactly when "
                   "its operator wants it to, and stays down when he does not. Each verb has a "
                   "page of its own, gatewayctl-VERB(1), which `gatewayctl help VERB` sums up.");
    put_parameters(page, global_options());
    page.subsection("Verbs of people");
    put_verbs(page, Group::people);
    page.subsection("Verbs of a gateway");
    put_verbs(page, Group::gateways);
    page.subsection("Verbs of an image");
    put_verbs(page, Group::images);
    put_environment(page);
    page.section("FILES");
    page.paragraph("See");
    page.macro("Xr gatewayctl-files 5 .");
    page.section("EXIT STATUS");
    put_statuses(page, all_exit_statuses());
    page.section("EXAMPLES");
    page.literal({"gatewayctl status", "gatewayctl start coder", "gatewayctl explain coder"});
    page.section("SEE ALSO");
    page.macro("Xr gatewayctl-files 5 ,");
    page.macro("Xr gatewayctl.yaml 5 ,");
    page.macro("Xr gatewayctl-hooks 7");
    return page.text();
}

} // namespace

void put_synopsis(Mdoc& page, const Verb& verb) {
    page.macro("Nm gatewayctl");
    page.macro("Op Ar option ...");
    page.macro("Cm " + Mdoc::word(verb.full_name()));
    for (const auto& parameter : verb.parameters) {
        page.macro(in_synopsis(parameter));
    }
    if (!verb.command_name.empty()) {
        page.macro("Fl \\- Ar " + Mdoc::word(verb.command_name) + " ...");
    }
}

std::vector<std::string> manual_pages() {
    std::vector<std::string> pages = {"gatewayctl.1", "gatewayctl.yaml.5", "gatewayctl-files.5",
                                      "gatewayctl-hooks.7"};
    for (const auto& verb : verbs()) {
        if (verb.group != Group::hidden && verb.parent.empty()) {
            pages.push_back(fmt::format("gatewayctl-{}.1", verb.name));
        }
    }
    for (const auto& one : parent_verbs()) {
        pages.push_back(fmt::format("gatewayctl-{}.1", one.name));
    }
    return pages;
}

std::optional<std::string> manual_page(std::string_view file_name) {
    constexpr std::string_view before = "gatewayctl-";
    const auto pages = manual_pages();
    if (std::ranges::find(pages, file_name) == pages.end()) {
        return std::nullopt;
    }
    if (file_name == "gatewayctl.1") {
        return program_page();
    }
    if (file_name == "gatewayctl.yaml.5") {
        return configuration_page(date);
    }
    if (file_name == "gatewayctl-files.5") {
        return files_page(date);
    }
    if (file_name == "gatewayctl-hooks.7") {
        return hooks_page(date);
    }
    return verb_page(file_name.substr(before.size(), file_name.rfind('.') - before.size()));
}

int manual(Context& /*context*/, const Words& words) {
    const auto name = words.value("PAGE");
    if (!name) {
        std::string names;
        for (const auto& page : manual_pages()) {
            names += page + "\n";
        }
        return printed(print(names));
    }
    const auto page = manual_page(*name);
    return page ? printed(print(*page))
                : report_error({Errc::usage, "there is no page '" + printable(*name) + "'",
                                "gatewayctl manual"});
}

} // namespace gw::cli
