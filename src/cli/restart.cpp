#include "cli/operation.hpp"
#include "cli/verbs.hpp"
#include "operate/begin.hpp"
#include "operate/targets.hpp"

namespace gw::cli {

int restart(Context& context, const Words& words, sys::Effects& effects) {
    return run_operation(context, words, effects,
                         {Asked::restart, "restarted", "restarting", operate::begin_restart,
                          operate::every_one_meant_to_run});
}

} // namespace gw::cli
