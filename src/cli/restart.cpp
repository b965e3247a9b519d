#include "cli/operate.hpp"
#include "cli/verbs.hpp"
#include "store/intent_store.hpp"

namespace gw::cli {

namespace {

/// `restart --all` leaves alone what the operator stopped (field reports supervisor #877 #1411).
bool is_meant_to_run(const Station& station, const ProfileName& profile) {
    const auto directory = station.home().find(profile);
    if (!directory || !*directory) {
        return false;
    }
    const auto intent = store::read_intent(**directory).resolved.kind;
    if (intent == Intent::Kind::none) {
        const auto service = station.manager().observe(profile);
        return service && service->up;
    }
    return intent == Intent::Kind::running;
}

} // namespace

void add_restart(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "restart", "Restart gateways; with --all only those that are meant to run");
    auto options = std::make_shared<OperateOptions>();
    add_operate_options(*verb, *options);
    verb->callback([&globals, &chosen, options] {
        chosen = [&globals, options] {
            return operate(globals, *options,
                           {"restart", "restarted", operate::begin_restart, is_meant_to_run});
        };
    });
}

} // namespace gw::cli
