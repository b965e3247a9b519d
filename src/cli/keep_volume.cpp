#include "cli/output.hpp"
#include "cli/pass_messages.hpp"
#include "cli/verbs.hpp"
#include "reconcile/keeper.hpp"
#include "sys/child.hpp"
#include "sys/readiness.hpp"
#include "sys/waiting.hpp"

namespace gw::cli {

int keep_volume(Context& context, const Words& words, sys::Effects& effects) {
    const auto opened = context.opened();
    if (!opened) {
        return report_error(opened.error());
    }
    const auto fd = words.integer("--ready-fd");
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
