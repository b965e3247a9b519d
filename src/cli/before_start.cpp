#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "operate/holder.hpp"
#include "rules/time_limits.hpp"
#include "sys/log.hpp"
#include "sys/processes.hpp"

#include <fmt/format.h>

namespace gw::cli {

int before_start(Context& context, const Words& words, sys::Effects& /*effects*/) {
    const auto earlier = sys::identity_in_stat(words.value("stat").value_or(""));
    if (!earlier || !sys::is_alive(*earlier)) {
        return exit_status::done;
    }
    const auto settings = context.settings();
    const auto drain_timeout = settings ? (*settings)->drain_timeout : Settings().drain_timeout;
    sys::log_warning(fmt::format("the gateway's supervisor was killed and has left it alive (pid "
                                 "{}): it ends first",
                                 earlier->pid.value));
    const auto ended = operate::end_earlier_life(*earlier, kill_timeout(drain_timeout));
    return ended ? exit_status::done : report_error(ended.error());
}

} // namespace gw::cli
