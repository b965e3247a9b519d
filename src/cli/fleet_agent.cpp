#include "cli/fleet_verbs.hpp"
#include "cli/output.hpp"
#include "fleet/agent.hpp"
#include "sys/readiness.hpp"
#include "sys/self.hpp"

namespace gw::cli {

int fleet_agent(Context& context, const Words& words, sys::Effects& effects) {
    const auto in_fleet = fleet_settings(context);
    const auto opened = in_fleet ? context.opened() : std::unexpected(in_fleet.error());
    if (!opened) {
        return report_error(opened.error());
    }
    const auto fd = words.integer("--ready-fd");
    auto ready = fd ? sys::take_notification_fd(*fd) : std::nullopt;
    const auto done = fleet::run_agent(effects, {.home = opened->home.path(),
                                                 .settings = opened->settings,
                                                 .gatewayctl = sys::program_beside("gatewayctl"),
                                                 .is_ready = [&] {
                                                     if (ready) {
                                                         sys::tell_ready(*ready);
                                                     }
                                                 }});
    // Its supervisor starts it again, unless that one ends as well.
    return done ? exit_status::timed_out : report_error(done.error());
}

} // namespace gw::cli
