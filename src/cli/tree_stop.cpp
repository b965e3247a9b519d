#include "supervise/s6/tree_stop.hpp"

#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "operate/untold_ends.hpp"

namespace gw::cli {

namespace {

/// Nothing is to be done where the scandir has gone.
template <typename Function> int in_the_tree(Context& context, Function&& function) {
    const auto opened = context.opened();
    if (!opened) {
        return report_error(opened.error());
    }
    const auto scandir = supervise::Scandir::open(opened->settings.scandir);
    if (!scandir) {
        return report_error(scandir.error());
    }
    if (*scandir && (*scandir)->tree() == TreeKind::own) {
        function(*opened, **scandir);
    }
    return exit_status::done;
}

} // namespace

int before_stop(Context& context, const Words& /*words*/, sys::Effects& effects) {
    return in_the_tree(context, [&](const auto& opened, const supervise::Scandir& scandir) {
        supervise::take_finish_away(effects, scandir, opened.home);
    });
}

int after_stop(Context& context, const Words& /*words*/, sys::Effects& effects) {
    return in_the_tree(context, [&](const auto& opened, const supervise::Scandir& scandir) {
        operate::record_untold_ends(effects, opened.home, scandir, opened.settings);
    });
}

} // namespace gw::cli
