#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/pass_messages.hpp"
#include "cli/verbs.hpp"
#include "reconcile/pass.hpp"
#include "reconcile/report.hpp"
#include "supervise/detect.hpp"

#include <unistd.h>

namespace gw::cli {

namespace {

std::string table_text(const reconcile::Pass& pass, const Palette& palette) {
    Table table({"PROFILE", "SLOT", "REASON", "PRIOR STATE", "PRIOR EXIT", "ACTION"});
    for (std::size_t i = 0; i < pass.plan.profiles.size(); ++i) {
        const auto& profile = pass.plan.profiles[i];
        const std::string goal(to_string(profile.decision.goal));
        table.add({profile.name.str(),
                   profile.decision.goal == SlotGoal::up ? palette.good(goal) : goal,
                   std::string(to_string(profile.decision.reason)),
                   profile.prior_state ? printable(shortened(*profile.prior_state)) : "-",
                   std::string(to_string(profile.prior_exit)),
                   reconcile::action_word(profile, pass.report.profiles[i])});
    }
    for (const auto& [name, step] : pass.plan.retired) {
        table.add({name.str(), "gone", std::string(reconcile::retired_reason), "-", "-",
                   std::string(to_string(reconcile::action_of_retired(name, pass.report)))});
    }
    for (const auto& kept : pass.plan.kept) {
        table.add({kept.subject, palette.bad("kept"), kept.code, "-", "-",
                   std::string(to_string(reconcile::Action::skipped))});
    }
    return table.text();
}

} // namespace

int reconcile(Context& context, const Words& /*words*/, sys::Effects& effects) {
    if (auto used = supervise::check_slots_are_used(context.surroundings()); !used) {
        return report_error(used.error());
    }
    const auto opened = context.opened();
    if (!opened) {
        return report_error(opened.error());
    }
    const auto pass =
        reconcile::run_pass(effects, opened->home, opened->settings, reconcile::AfterPass::ends);
    if (!pass) {
        return report_error(Error(pass.error()).within("cannot reconcile"));
    }
    say_messages(context, *pass);
    const Palette palette(wants_colour(context.globals().colour, STDOUT_FILENO));
    const bool complete = context.globals().json
                              ? print_json(reconcile::report_json(pass->plan, pass->report))
                              : print(table_text(*pass, palette));
    return printed(complete && !pass->report.failed());
}

} // namespace gw::cli
