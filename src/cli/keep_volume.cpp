#include "cli/output.hpp"
#include "cli/pass_messages.hpp"
#include "cli/verbs.hpp"
#include "reconcile/keeper.hpp"
#include "sys/child.hpp"
#include "sys/command.hpp"
#include "sys/readiness.hpp"
#include "sys/self.hpp"
#include "sys/waiting.hpp"

namespace gw::cli {

namespace {

/// In a fleet the volume is asked for and kept by its agent. Where that one cannot be started
/// nothing is to be tried again every second.
int become_agent(const Opened& opened, std::optional<int> ready_fd) {
    Argv argv{sys::program_beside("gatewayctl-fleet"),
              "--home",
              opened.home.path(),
              "--scandir",
              opened.settings.scandir,
              "fleet",
              "agent"};
    if (ready_fd) {
        argv.insert(argv.end(), {"--ready-fd", std::to_string(*ready_fd)});
    }
    auto error = sys::replace_self(argv);
    error.code = Errc::bad_config;
    return report_error(std::move(error).advise("install gatewayctl-fleet beside gatewayctl"));
}

} // namespace

int keep_volume(Context& context, const Words& words, sys::Effects& effects) {
    const auto opened = context.opened();
    if (!opened) {
        return report_error(opened.error());
    }
    const auto fd = words.integer("--ready-fd");
    if (opened->settings.fleet && opened->settings.role != Role::none) {
        return become_agent(*opened, fd);
    }
    auto ready = fd ? sys::take_notification_fd(*fd) : std::nullopt;
    const auto share = reconcile::keep_volume(
        effects, {.home = opened->home,
                  .settings = opened->settings,
                  .is_ready =
                      [&] {
                          if (ready) {
                              sys::tell_ready(*ready);
                              ready.reset();
                          }
                      },
                  .report = [&](const reconcile::Pass& pass) { say_messages(context, pass); }});
    if (!share) {
        return report_error(share.error());
    }
    if (*share) {
        sys::drop_idle_code();
        sys::wait_for_end();
    }
    return exit_status::done;
}

} // namespace gw::cli
