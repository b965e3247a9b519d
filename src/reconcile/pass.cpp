#include "reconcile/pass.hpp"

#include "operate/privilege.hpp"
#include "reconcile/observe.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/s6/slot.hpp"

namespace gw::reconcile {

namespace {

Result<Plan> plan_for(const store::Home& home, const std::optional<supervise::Scandir>& scandir,
                      const Settings& settings) {
    auto observation = observe(home, scandir, settings);
    if (!observation) {
        return std::unexpected(std::move(observation.error()));
    }
    return make_plan(std::move(*observation));
}

} // namespace

Result<Plan> plan_pass(const store::Home& home, const Settings& settings) {
    const auto scandir = supervise::Scandir::open(settings.scandir);
    return scandir ? plan_for(home, *scandir, settings) : std::unexpected(scandir.error());
}

Result<Pass> run_pass(sys::Effects& effects, const store::Home& home, const Settings& settings) {
    if (auto handed = operate::hand_over_scandir(effects, home, settings.scandir); !handed) {
        return std::unexpected(std::move(handed.error()));
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
    auto plan = plan_for(home, *scandir, settings);
    if (!plan) {
        return std::unexpected(std::move(plan.error()));
    }
    Pass pass{std::move(*plan), {}};
    pass.report = apply(effects, pass.plan, home, **scandir, settings, *lock);
    return pass;
}

} // namespace gw::reconcile
