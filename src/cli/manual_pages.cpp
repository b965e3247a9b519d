// The pages that are no verb's.
#include "cli/manual.hpp"
#include "cli/mdoc.hpp"
#include "cli/verb_table.hpp"
#include "rules/setting_table.hpp"

#include <array>
#include <fmt/format.h>
#include <span>

namespace gw::cli {

namespace {

struct FileMeaning {
    std::string_view path;
    std::string_view meaning;
};

constexpr std::array files_of_profile = {
    FileMeaning{"SOUL.md", "Makes the directory a profile."},
    FileMeaning{"gateway_state.json",
                "What the gateway says of itself, with a mirror of the intent; every tool that "
                "knows gateways reads it."},
    FileMeaning{".gateway-intent.json",
                "What its operator wants: running or stopped, who said so, when and why."},
    FileMeaning{".gateway-service.json",
                "Its port, its own variables (`register --env`), and whether it was unregistered."},
    FileMeaning{".gateway-planned-stop.json",
                "The marker: this process is asked to stop, and is not to come back."},
    FileMeaning{".gateway-planned-end.json",
                "The note of the same for whoever hears of the end without the marker."},
    FileMeaning{".gateway-run.json", "Who runs its gateway: processes with their start times."},
    FileMeaning{".clean_shutdown", "How far its last stop came."},
    FileMeaning{"state/gateway.lifecycle.json", "Its last life, and how that ended."},
    FileMeaning{"state/gateway.lives.jsonl", "Its lives, one event a line, for `history`."},
    FileMeaning{"state/gateway.deaths.json", "Its deaths in a row."},
    FileMeaning{"state/gateway.parked.json", "It died too often and is not started again."},
};

constexpr std::array files_of_home = {
    FileMeaning{"profiles/NAME", "A profile. `default` is the home itself."},
    FileMeaning{"gatewayctl.yaml", "The configuration."},
    FileMeaning{".gateway-owner.json", "Which container has taken the volume."},
    FileMeaning{"logs/container-boot.log", "A line for each profile and boot."},
    FileMeaning{"logs/boot-history.jsonl", "The same for `history`."},
    FileMeaning{"logs/gateways/NAME",
                "What a gateway has written, by s6-log; of launchd, one file."},
};

constexpr std::array files_of_machine = {
    FileMeaning{"/run/gatewayctl/service", "The scandir of an own tree."},
    FileMeaning{"/run/service", "The scandir of a shared tree, the container's own."},
    FileMeaning{"/etc/gatewayctl.yaml", "The configuration where the home has none."},
    FileMeaning{"/etc/systemd/system, ~/.config/systemd/user", "Units that `install` makes."},
    FileMeaning{"~/Library/LaunchAgents", "Plists that `install` makes."},
};

void put_files(Mdoc& page, std::span<const FileMeaning> files) {
    page.begin_list();
    for (const auto& file : files) {
        page.item("Pa " + Mdoc::word(file.path), file.meaning);
    }
    page.end_list();
}

} // namespace

std::string configuration_page(std::string_view date) {
    Mdoc page("gatewayctl.yaml", 5, date, "configuration of gatewayctl");
    page.section("DESCRIPTION");
    page.paragraph("A mapping in YAML. The file is that of GATEWAYCTL_CONFIG, else gatewayctl.yaml "
                   "of the home, else /etc/gatewayctl.yaml. A variable, where there is one, beats "
                   "the key. Words with braces need quotes.");
    page.paragraph("A file that is no YAML, a key that nobody knows, a key given twice, a value of "
                   "another form: each is a warning with file and line that says what counts "
                   "instead, and the rest of the file holds.");
    page.begin_list();
    for (const auto& row : setting_table()) {
        if (!row.is_key) {
            continue;
        }
        std::string text =
            fmt::format("{} It must be {}. Default: {}.", row.meaning, row.form, row.default_words);
        if (row.variable) {
            text += fmt::format(" Variable: {}.", name_of(*row.variable));
        }
        page.item("Cm " + Mdoc::word(row.name), text);
    }
    page.end_list();
    page.section("EXAMPLES");
    page.literal({"command: [gatewayctl, run, --, my-gateway, --profile, \"{profile}\"]",
                  "drain_timeout: 120"});
    page.section("SEE ALSO");
    page.macro("Xr gatewayctl 1 ,");
    page.macro("Xr gatewayctl-files 5");
    return page.text();
}

std::string files_page(std::string_view date) {
    Mdoc page("gatewayctl-files", 5, date, "files of gateways and where they lie");
    page.section("DESCRIPTION");
    page.paragraph("Every file is replaced as a whole, so that a reader sees the old one or the "
                   "new one. Each that belongs to one profile names it, and counts for nothing in "
                   "a copy of the directory.");
    page.subsection("In a profile");
    put_files(page, files_of_profile);
    page.subsection("In the home");
    put_files(page, files_of_home);
    page.subsection("On the machine");
    put_files(page, files_of_machine);
    page.section("SEE ALSO");
    page.macro("Xr gatewayctl 1 ,");
    page.macro("Xr gatewayctl.yaml 5");
    return page.text();
}

std::string hooks_page(std::string_view date) {
    Mdoc page("gatewayctl-hooks", 7, date, "how an image and a supervisor call gatewayctl");
    page.section("DESCRIPTION");
    page.subsection("Hooks of an image");
    page.paragraph("Over s6-overlay, in /etc:");
    put_files(page, std::array{
                        FileMeaning{"cont-init.d/015-supervise-perms",
                                    "Runs `gatewayctl prepare`: the image's static services can be "
                                    "queried and controlled by the gateways' user."},
                        FileMeaning{"cont-init.d/02-reconcile-profiles",
                                    "Runs `gatewayctl reconcile`: profiles become slots."},
                        FileMeaning{"cont-finish.d/90-drain-gateways",
                                    "Runs `gatewayctl drain` before the init's grace."},
                        FileMeaning{"s6-overlay/s6-rc.d/gateways",
                                    "Runs `gatewayctl tree`, the gateways' own supervision tree, "
                                    "as a service. Without it they are slots of the container's "
                                    "scandir."},
                    });
    page.paragraph("Any other image has `gatewayctl tree` as its entry point.");
    page.subsection("Verbs of slots, units and shells");
    page.paragraph("They are not for people. Scripts that this program has made call them, always "
                   "as the same version of it.");
    page.begin_list();
    for (const auto& verb : verbs()) {
        if (verb.group == Group::hidden) {
            std::string head = "Cm " + Mdoc::word(verb.full_name());
            for (const auto& parameter : verb.parameters) {
                head += parameter.is_option() ? " Fl " + Mdoc::word(parameter.key().substr(1))
                                              : " Ar " + Mdoc::word(parameter.name);
            }
            page.item(head, verb.summary + ".");
        }
    }
    page.end_list();
    page.section("SEE ALSO");
    page.macro("Xr gatewayctl 1 ,");
    page.macro("Xr gatewayctl-files 5");
    return page.text();
}

} // namespace gw::cli
