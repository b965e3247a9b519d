#include "cli/operation.hpp"
#include "cli/verbs.hpp"
#include "operate/begin.hpp"

namespace gw::cli {

int stop(Context& context, const Words& words, sys::Effects& effects) {
    return run_operation(context, words, effects,
                         {"stop", "stopped", "stopping", operate::begin_stop, any_profile});
}

} // namespace gw::cli
