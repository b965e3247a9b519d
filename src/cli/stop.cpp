#include "cli/operation.hpp"
#include "cli/verbs.hpp"
#include "operate/begin.hpp"
#include "operate/targets.hpp"

namespace gw::cli {

int stop(Context& context, const Words& words, sys::Effects& effects) {
    return run_operation(
        context, words, effects,
        {Asked::stop, "stopped", "stopping", operate::begin_stop, operate::every_registered});
}

} // namespace gw::cli
