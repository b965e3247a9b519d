#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/plan.hpp"
#include "cli/verbs.hpp"
#include "reconcile/apply.hpp"
#include "reconcile/observe.hpp"
#include "reconcile/plan.hpp"
#include "reconcile/prepare.hpp"
#include "reconcile/report.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/s6/slot.hpp"
#include "sys/system_effects.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

std::string table_text(const Plan& plan, const reconcile::Report& report, const Palette& palette) {
    Table table({"PROFILE", "SLOT", "REASON", "PRIOR STATE", "PRIOR EXIT", "ACTION"});
    for (std::size_t i = 0; i < plan.profiles.size(); ++i) {
        const auto& profile = plan.profiles[i];
        const std::string goal(to_string(profile.decision.goal));
        table.add({profile.name.str(),
                   profile.decision.goal == SlotGoal::up ? palette.good(goal) : goal,
                   std::string(to_string(profile.decision.reason)),
                   profile.prior_state ? printable(shortened(*profile.prior_state)) : "-",
                   std::string(to_string(profile.prior_exit)),
                   reconcile::action_word(profile, report.profiles[i])});
    }
    return table.text();
}

void log_messages(const Plan& plan, const reconcile::Report& report) {
    for (const auto& line : reconcile::warning_lines(plan)) {
        sys::log_warning(line);
    }
    for (std::size_t i = 0; i < report.profiles.size(); ++i) {
        for (const auto& error : report.profiles[i].errors) {
            report_error(Error(error).within(plan.profiles[i].name.str()));
        }
    }
    for (const auto& error : report.errors) {
        report_error(error);
    }
}

/// The root part when root runs it, then everything else as the owner of the home.
Result<void> prepare(const Workplace& workplace, sys::Effects& effects) {
    const auto account = store::account_of_home(workplace.home);
    if (!account) {
        return std::unexpected(account.error());
    }
    if (auto done = reconcile::prepare_scandir(effects, workplace.settings.scandir, *account);
        !done) {
        return done;
    }
    return become_home_owner(workplace.home);
}

struct Pass {
    Plan plan;
    reconcile::Report report;
};

Result<Pass> reconcile_now(const Workplace& workplace, sys::Effects& effects) {
    if (auto prepared = prepare(workplace, effects); !prepared) {
        return std::unexpected(prepared.error());
    }
    const auto scandir = supervise::Scandir::open(workplace.settings.scandir);
    if (!scandir) {
        return std::unexpected(scandir.error());
    }
    if (!*scandir) {
        return fail(Errc::bad_config, "the scandir " + workplace.settings.scandir + " is missing");
    }
    const auto lock = supervise::lock_scandir(effects, **scandir);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    const auto ports = store::lock_ports(effects, workplace.home.directory());
    if (!ports && ports.error().code == Errc::timed_out) {
        return std::unexpected(ports.error()); // what cannot hold a lock cannot hold a port either
    }
    auto observation = reconcile::observe(workplace.home, *scandir, workplace.settings);
    if (!observation) {
        return std::unexpected(observation.error());
    }
    Pass pass{reconcile::make_plan(std::move(observation->facts)), {}};
    pass.report = reconcile::apply(effects, pass.plan, observation->directories, **scandir,
                                   workplace.settings, *lock);
    return pass;
}

int run_reconcile(const Globals& globals) {
    const auto workplace = open_workplace(globals);
    if (!workplace) {
        return report_error(workplace.error());
    }
    sys::SystemEffects effects;
    const auto pass = reconcile_now(*workplace, effects);
    if (!pass) {
        return report_error(Error(pass.error()).within("cannot reconcile"));
    }
    log_messages(pass->plan, pass->report);
    const Palette palette(wants_colour(globals.colour, 1));
    const bool printed = globals.json ? print_json(reconcile::report_json(pass->plan, pass->report))
                                      : print(table_text(pass->plan, pass->report, palette));
    return printed && !pass->report.failed() ? exit_status::done : exit_status::some_failed;
}

} // namespace

void add_reconcile(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "reconcile", "Make the scandir agree with the profiles on the volume (the boot pass)");
    auto dry_run = std::make_shared<bool>(false);
    verb->add_flag("-n,--dry-run", *dry_run, "Show what would be done; the same as 'plan'");
    verb->callback([&globals, &chosen, dry_run] {
        chosen = [&globals, dry_run] {
            return *dry_run ? run_plan(globals, PlanExit::simple) : run_reconcile(globals);
        };
    });
}

} // namespace gw::cli
