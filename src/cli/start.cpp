#include "cli/operation.hpp"
#include "cli/verbs.hpp"
#include "operate/begin.hpp"

namespace gw::cli {

int start(Context& context, const Words& words, sys::Effects& effects) {
    return run_operation(context, words, effects,
                         {"start", "started", "starting", operate::begin_start, any_profile});
}

} // namespace gw::cli
