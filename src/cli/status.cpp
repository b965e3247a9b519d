#include "inspect/log_reader.hpp"
#include "inspect/overview.hpp"

#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/owner_output.hpp"
#include "cli/screen.hpp"
#include "cli/status_output.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"
#include "supervise/detect.hpp"
#include "sys/clock.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

namespace gw::cli {

namespace {

using inspect::GatewayStatus;

/// Of the log of one gateway that was named.
constexpr std::size_t log_lines = 5;

/// What was asked for.
struct Question {
    const Context& context;
    const Words& words;
    /// Without a name everything on the volume is shown.
    [[nodiscard]] bool is_about_all() const {
        return words.values("NAME").empty() && !context.globals().profile;
    }
};

/// Without a name only what is registered counts: the volume may hold profiles that nobody wants.
int exit_status_of(const Question& question, const std::vector<GatewayStatus>& all) {
    int status = exit_status::done;
    for (const auto& one : all) {
        const bool foreign = one.service_error && one.service_error->code == Errc::conflict;
        if (one.service_error && !(foreign && question.is_about_all())) {
            return report_error(*one.service_error);
        }
        if (!one.service.registered && !question.is_about_all()) {
            status = exit_status::not_registered;
        } else if (one.service.registered && !one.service.up && status == exit_status::done) {
            status = exit_status::not_running;
        }
    }
    return status;
}

/// Without a name everything, else what was named.
Result<inspect::Overview> look(const inspect::Viewpoint& from, const Question& question) {
    if (question.is_about_all()) {
        return inspect::overview(from);
    }
    const auto targets = named_targets(question.context, question.words.values("NAME"));
    if (!targets) {
        return std::unexpected(targets.error());
    }
    inspect::Overview named;
    named.gateways = gateway_statuses(from, *targets);
    return named;
}

std::vector<std::string> log_of(const inspect::Viewpoint& from, const GatewayStatus& status) {
    return status.service.registered
               ? inspect::last_log_lines(from.manager, status.profile, log_lines)
               : std::vector<std::string>{};
}

Json to_json(const inspect::Viewpoint& from, const inspect::Overview& all, const Question& asked) {
    Json root = Json::object();
    root["version"] = 1;
    root["manager"] = supervise::to_string(from.manager.traits().kind);
    root["role"] = to_string(from.settings.role);
    root["owner"] = owner_json(from.owner);
    root["gateways"] = Json::array();
    for (const auto& status : all.gateways) {
        if (!asked.words.has("--failed") || is_in_trouble(status)) {
            root["gateways"].push_back(status_json(status));
        }
    }
    add_overview_json(root, all);
    return root;
}

std::string to_text(const inspect::Viewpoint& from, const inspect::Overview& all,
                    const Question& asked) {
    const Palette palette(wants_colour(asked.context.globals().colour, STDOUT_FILENO));
    auto text = fmt::format("Manager: {}", from.manager.traits().label);
    text += asked.words.has("--watch") ? "  " + sys::local_timestamp(from.now.wall) : "";
    text += "\n" + owner_line(from.owner, from.settings.role);
    if (all.gateways.size() == 1 && !asked.is_about_all()) {
        const auto& only = all.gateways.front();
        return text + status_block(only, palette, log_of(from, only));
    }
    TableForm form;
    form.breadth = asked.words.has("--output") ? Breadth::wide : Breadth::narrow;
    form.which = asked.words.has("--failed") ? TableForm::Which::in_trouble : TableForm::Which::all;
    form.columns = columns_of_stdout();
    return text + overview_table(all, palette, form) + counts_line(counts_of(all)) + "\n";
}

/// Until somebody has enough of it.
int watch(const supervise::ServiceManager& manager, const Opened& opened, const Question& asked) {
    const sys::Interruptions interruptions;
    Screen screen;
    while (true) {
        const auto from = inspect::viewpoint(manager, opened.home, opened.settings);
        const auto all = look(from, asked);
        if (!all) {
            return report_error(all.error());
        }
        const bool shown = asked.context.globals().json ? print_json(to_json(from, *all, asked))
                                                        : screen.show(to_text(from, *all, asked));
        if (!shown) {
            return exit_status::some_failed;
        }
        if (interruptions.wait(seconds{1}) == sys::Interruptions::News::end) {
            return exit_status::done;
        }
    }
}

} // namespace

int status(Context& context, const Words& words) {
    const auto manager = context.manager();
    const auto opened = context.opened();
    if (!manager || !opened) {
        return report_error(manager ? opened.error() : manager.error());
    }
    const Question asked{context, words};
    if (words.has("--watch")) {
        return watch(**manager, *opened, asked);
    }
    const auto from = inspect::viewpoint(**manager, opened->home, opened->settings);
    const auto all = look(from, asked);
    if (!all) {
        return report_error(all.error());
    }
    for (const auto& finding : all->findings) {
        context.warn_once(printable(to_line(finding)));
    }
    const bool shown = context.globals().json ? print_json(to_json(from, *all, asked))
                                              : print(to_text(from, *all, asked));
    return shown ? exit_status_of(asked, all->gateways) : exit_status::some_failed;
}

} // namespace gw::cli
