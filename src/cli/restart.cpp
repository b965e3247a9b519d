#include "cli/operation.hpp"
#include "cli/verbs.hpp"
#include "operate/begin.hpp"
#include "operate/targets.hpp"

namespace gw::cli {

int restart(Context& context, const Words& words, sys::Effects& effects) {
    const auto part_of_all = [](const operate::Operator& by, const ProfileName& profile) {
        return operate::is_meant_to_run(by.manager, by.home, profile);
    };
    return run_operation(
        context, words, effects,
        {"restart", "restarted", "restarting", operate::begin_restart, part_of_all});
}

} // namespace gw::cli
