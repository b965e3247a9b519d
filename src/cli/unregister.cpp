#include "cli/operate.hpp"
#include "cli/verbs.hpp"
#include "sys/system_effects.hpp"

namespace gw::cli {

namespace {

struct UnregisterOptions {
    std::string name;
    operate::OperationOptions operation;
};

int run_unregister(const Globals& globals, const UnregisterOptions& options) {
    const auto profile = ProfileName::parse(options.name);
    if (!profile) {
        return report_error(profile.error());
    }
    const auto station = Station::open(globals);
    if (!station) {
        return report_error(station.error());
    }
    if (!(*station)->manager().traits().registers) {
        sys::log_debug((*station)->manager().traits().label +
                       " has no slots: nothing to unregister");
        return exit_status::done;
    }
    sys::SystemEffects effects;
    VerbResult result{*profile, std::nullopt};
    if (auto done =
            operate::unregister_profile((*station)->with(effects), *profile, options.operation);
        !done) {
        result.error = std::move(done.error());
    }
    return report_results(globals, "unregister", "unregistered", {result});
}

} // namespace

void add_unregister(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "unregister", "Stop a gateway and remove its slot (the application's delete hook)");
    auto options = std::make_shared<UnregisterOptions>();
    verb->add_option("NAME", options->name, "The profile")->type_name("")->required();
    add_timeout_option(*verb, options->operation);
    verb->add_flag_callback(
        "--force", [options] { options->operation.escalation = Escalation::kill; },
        "SIGKILL what still lives at the deadline");
    verb->callback([&globals, &chosen, options] {
        chosen = [&globals, options] { return run_unregister(globals, *options); };
    });
}

} // namespace gw::cli
