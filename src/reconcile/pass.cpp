#include "reconcile/pass.hpp"

#include "reconcile/observe.hpp"
#include "reconcile/plan.hpp"
#include "rules/runner.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/s6/slot.hpp"

namespace gw::reconcile {

namespace {

Result<void> check_runner(const store::Home& home, const Settings& settings) {
    return check_root_was_asked(store::account_of_home(home).uid, home.path(), settings.user);
}

} // namespace

Result<Plan> plan_pass(const store::Home& home, const Settings& settings) {
    if (auto good = check_runner(home, settings); !good) {
        return std::unexpected(std::move(good.error()));
    }
    const auto scandir = supervise::Scandir::open(settings.scandir);
    if (!scandir) {
        return std::unexpected(scandir.error());
    }
    auto observed = observe(home, *scandir, settings);
    return observed ? Result<Plan>(make_plan(std::move(observed->facts)))
                    : std::unexpected(std::move(observed.error()));
}

Result<Pass> run_pass(sys::Effects& effects, const store::Home& home, const Settings& settings) {
    if (auto good = check_runner(home, settings); !good) {
        return std::unexpected(std::move(good.error()));
    }
    if (auto made = effects.make_path(settings.scandir); !made) {
        return std::unexpected(std::move(made.error()));
    }
    const auto scandir = supervise::Scandir::open(settings.scandir);
    if (!scandir) {
        return std::unexpected(scandir.error());
    }
    if (!*scandir) {
        return fail(Errc::bad_config, "the scandir " + settings.scandir + " is missing");
    }
    const auto lock = supervise::lock_scandir(effects, **scandir);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    const auto ports = store::lock_ports(effects, home.directory());
    if (!ports && ports.error().code == Errc::timed_out) {
        return std::unexpected(ports.error()); // what cannot hold a lock cannot hold a port either
    }
    auto observed = observe(home, *scandir, settings);
    if (!observed) {
        return std::unexpected(std::move(observed.error()));
    }
    Pass pass{make_plan(std::move(observed->facts)), {}};
    pass.report = apply(effects, pass.plan, observed->directories, **scandir, settings, *lock);
    return pass;
}

} // namespace gw::reconcile
