#include "cli/plan.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "reconcile/observe.hpp"
#include "reconcile/plan.hpp"
#include "reconcile/report.hpp"

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

Result<Plan> plan_now(const Globals& globals) {
    const auto workplace = open_workplace(globals);
    if (!workplace) {
        return std::unexpected(workplace.error());
    }
    const auto scandir = supervise::Scandir::open(workplace->settings.scandir);
    if (!scandir) {
        return std::unexpected(scandir.error());
    }
    auto observation = reconcile::observe(workplace->home, *scandir, workplace->settings);
    if (!observation) {
        return std::unexpected(observation.error());
    }
    return reconcile::make_plan(std::move(observation->facts));
}

} // namespace

int run_plan(const Globals& globals, PlanExit exit) {
    const auto plan = plan_now(globals);
    if (!plan) {
        return report_error(plan.error());
    }
    for (const auto& line : reconcile::warning_lines(*plan)) {
        sys::log_warning(line);
    }
    const Palette palette(wants_colour(globals.colour, 1));
    const bool printed = globals.json ? print_json(reconcile::plan_json(*plan))
                                      : print(coloured_diff(*plan, palette));
    if (!printed) {
        return exit_status::some_failed;
    }
    return exit == PlanExit::detailed && plan->changes_anything() ? exit_status::changes_pending
                                                                  : exit_status::done;
}

void add_plan(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "plan", "Show what reconcile would do, and why; touches nothing (reconcile --dry-run)");
    auto detailed = std::make_shared<bool>(false);
    verb->add_flag("--detailed-exitcode", *detailed, "Exit with 2 when changes are pending");
    verb->callback([&globals, &chosen, detailed] {
        chosen = [&globals, detailed] {
            return run_plan(globals, *detailed ? PlanExit::detailed : PlanExit::simple);
        };
    });
}

} // namespace gw::cli
