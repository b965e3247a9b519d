#include "rules/plan.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "reconcile/pass.hpp"
#include "reconcile/report.hpp"
#include "supervise/detect.hpp"

#include <unistd.h>

namespace gw::cli {

namespace {

std::string coloured_diff(const Plan& plan, const Palette& palette) {
    std::string text;
    for (const auto& line : reconcile::diff_lines(plan)) {
        text += (line.front() == '+'   ? palette.good(line)
                 : line.front() == '-' ? palette.bad(line)
                 : line.front() == '=' ? palette.dim(line)
                                       : line) +
                "\n";
    }
    return text;
}

} // namespace

int plan(Context& context, const Words& words) {
    if (auto used = supervise::check_slots_are_used(context.surroundings()); !used) {
        return report_error(used.error());
    }
    const auto opened = context.opened();
    const auto plan = opened ? reconcile::plan_pass(opened->home, opened->settings)
                             : Result<Plan>(std::unexpected(opened.error()));
    if (!plan) {
        return report_error(plan.error());
    }
    for (const auto& line : reconcile::warning_lines(*plan)) {
        context.warn_once(line);
    }
    const Palette palette(wants_colour(context.globals().colour, STDOUT_FILENO));
    const bool complete = context.globals().json ? print_json(reconcile::plan_json(*plan))
                                                 : print(coloured_diff(*plan, palette));
    return complete && words.has("--detailed-exitcode") && plan->changes_anything()
               ? exit_status::changes_pending
               : printed(complete);
}

} // namespace gw::cli
