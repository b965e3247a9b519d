#include "cli/registration.hpp"

#include "cli/output.hpp"

#include <fmt/format.h>

namespace gw::cli {

int run_registration(Context& context, const Words& words, sys::Effects& effects,
                     const Batch& batch) {
    const auto targets = named_targets(context, words.values("NAME"));
    if (!targets) {
        return report_error(targets.error());
    }
    const auto by = context.operator_with(effects);
    if (by && !by->manager.traits().registers) {
        sys::log_debug(
            fmt::format("{} has no slots: nothing to {}", by->manager.traits().label, batch.verb));
        return exit_status::done;
    }
    return run_batch(context, words, effects, batch);
}

} // namespace gw::cli
