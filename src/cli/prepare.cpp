#include "reconcile/prepare.hpp"
#include "cli/verbs.hpp"
#include "reconcile/observe.hpp"
#include "sys/system_effects.hpp"

namespace gw::cli {

namespace {

int run_prepare(const Globals& globals) {
    const auto workplace = open_workplace(globals);
    if (!workplace) {
        return report_error(workplace.error());
    }
    const auto account = store::account_of_home(workplace->home);
    if (!account) {
        return report_error(account.error());
    }
    sys::SystemEffects effects;
    const auto done =
        reconcile::open_static_services(effects, workplace->settings.scandir, *account);
    return done ? exit_status::done
                : report_error(Error(done.error()).within("cannot open the static services"));
}

} // namespace

void add_prepare(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "prepare", "Let the gateways' user query and control the image's static services (the "
                   "015-supervise-perms hook, as root)");
    verb->callback([&] { chosen = [&globals] { return run_prepare(globals); }; });
}

} // namespace gw::cli
