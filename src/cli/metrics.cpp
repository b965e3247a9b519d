#include "inspect/metrics.hpp"

#include "cli/output.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

int metrics(Context& context, const Words& words, sys::Effects& effects) {
    const auto manager = context.manager();
    const auto opened = context.opened();
    if (!manager || !opened) {
        return report_error(manager ? opened.error() : manager.error());
    }
    const auto all =
        inspect::overview(inspect::viewpoint(**manager, opened->home, opened->settings));
    if (!all) {
        return report_error(all.error());
    }
    const auto text = inspect::metrics_text(*all, supervise::to_string((*manager)->traits().kind),
                                            GATEWAYCTL_VERSION);
    if (const auto file = words.value("--file")) {
        const auto written = write_whole(effects, *file, text);
        return written ? exit_status::done : report_error(written.error());
    }
    return printed(print(text));
}

} // namespace gw::cli
