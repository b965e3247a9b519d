#include "cli/operation.hpp"
#include "cli/verbs.hpp"
#include "operate/begin.hpp"
#include "operate/targets.hpp"

namespace gw::cli {

int start(Context& context, const Words& words, sys::Effects& effects) {
    return run_operation(
        context, words, effects,
        {Asked::start, "started", "starting", operate::begin_start, operate::every_registered});
}

} // namespace gw::cli
