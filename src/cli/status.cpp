#include "inspect/status.hpp"
#include "cli/output.hpp"
#include "cli/status_output.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"
#include "supervise/detect.hpp"
#include "sys/waiting.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

namespace gw::cli {

namespace {

using inspect::GatewayStatus;

int exit_status_of_all(const std::vector<GatewayStatus>& all) {
    const auto unregistered = [](const GatewayStatus& s) {
        return !s.service_error && !s.service.registered;
    };
    const auto not_running = [](const GatewayStatus& s) { return !s.service.up; };
    for (const auto& status : all) {
        if (status.service_error) {
            return report_error(*status.service_error);
        }
    }
    if (std::any_of(all.begin(), all.end(), unregistered)) {
        return exit_status::not_registered;
    }
    return std::any_of(all.begin(), all.end(), not_running) ? exit_status::not_running
                                                            : exit_status::done;
}

/// What a look at the gateways needs.
struct Lookout {
    const supervise::ServiceManager& manager;
    const store::Home& home;
    const ContainerFacts here;
    const Context& context;
    const std::vector<std::string>& names; ///< as typed

    [[nodiscard]] bool is_about_all() const { return names.empty() && !context.globals().profile; }
};

Result<std::vector<GatewayStatus>> look(const Lookout& from) {
    const auto targets =
        from.is_about_all() ? from.manager.list() : named_targets(from.context, from.names);
    if (!targets) {
        return std::unexpected(targets.error());
    }
    std::vector<GatewayStatus> all;
    all.reserve(targets->size());
    for (const auto& profile : *targets) {
        all.push_back(inspect::gateway_status(from.manager, from.home, from.here, profile));
    }
    return all;
}

Json to_json(const Lookout& from, const std::vector<GatewayStatus>& all) {
    Json root = Json::object();
    root["version"] = 1;
    root["manager"] = supervise::to_string(from.manager.traits().kind);
    root["gateways"] = Json::array();
    for (const auto& status : all) {
        root["gateways"].push_back(status_json(status));
    }
    return root;
}

bool show(const Lookout& from, const std::vector<GatewayStatus>& all) {
    if (from.context.globals().json) {
        return print_json(to_json(from, all));
    }
    const Palette palette(wants_colour(from.context.globals().colour, STDOUT_FILENO));
    return print(fmt::format("Manager: {}\n", from.manager.traits().label) +
                 (all.size() == 1 && !from.is_about_all() ? status_block(all.front(), palette)
                                                          : status_table(all, palette)));
}

} // namespace

int status(Context& context, const Words& words) {
    const auto manager = context.manager();
    const auto from_home = context.opened();
    if (!manager || !from_home) {
        return report_error(manager ? from_home.error() : manager.error());
    }
    const Lookout from{**manager, from_home->home,
                       supervise::container_here(**manager, from_home->settings), context,
                       words.values("NAME")};
    const bool watch = words.has("--watch");
    constexpr std::string_view clear_screen = "\x1b[H\x1b[2J";
    while (true) {
        const auto all = look(from);
        if (!all) {
            return report_error(all.error());
        }
        if (watch && ::isatty(STDOUT_FILENO) == 1) {
            print(clear_screen);
        }
        if (!show(from, *all)) {
            return exit_status::some_failed;
        }
        if (!watch) {
            return exit_status_of_all(*all);
        }
        sys::pause(seconds{1});
    }
}

} // namespace gw::cli
