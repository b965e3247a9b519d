#include "base/text.hpp"
#include "cli/operate.hpp"
#include "cli/verbs.hpp"
#include "store/service_settings_file.hpp"
#include "sys/system_effects.hpp"

namespace gw::cli {

namespace {

struct RegisterOptions {
    std::string name;
    std::vector<std::string> environment; ///< KEY=VALUE
    bool start = false;
};

Result<Environment> parse_environment(const std::vector<std::string>& assignments) {
    Environment environment;
    for (const auto& text : assignments) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || !store::is_variable_name(text.substr(0, equals))) {
            return fail(Errc::usage, "'" + printable(text) + "' is not NAME=VALUE",
                        "gatewayctl register NAME --env KEY=VALUE");
        }
        environment.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return environment;
}

Result<void> start_now(const operate::Operator& by, const ProfileName& profile) {
    return operate::watch_one(by, operate::begin_start(by, profile), {});
}

int run_register(const Globals& globals, const RegisterOptions& options) {
    const auto profile = ProfileName::parse(options.name);
    const auto environment = parse_environment(options.environment);
    if (!profile || !environment) {
        return report_error(profile ? environment.error() : profile.error());
    }
    const auto station = Station::open(globals);
    if (!station) {
        return report_error(station.error());
    }
    if (!(*station)->manager().traits().registers) {
        sys::log_debug((*station)->manager().traits().label + " has no slots: nothing to register");
        return exit_status::done;
    }
    sys::SystemEffects effects;
    const auto by = (*station)->with(effects);
    auto done = operate::register_profile(by, *profile, *environment);
    if (done && options.start) {
        done = start_now(by, *profile);
    }
    VerbResult result{*profile, std::nullopt};
    if (!done) {
        result.error = std::move(done.error());
    }
    return report_results(globals, "register", "registered", {result});
}

} // namespace

void add_register(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "register", "Make a slot for a profile, down (the application's create hook)");
    auto options = std::make_shared<RegisterOptions>();
    verb->add_option("NAME", options->name, "The profile")->type_name("")->required();
    verb->add_option("--env", options->environment, "NAME=VALUE for the gateway; may be repeated")
        ->type_name("NAME=VALUE")
        ->take_all();
    verb->add_flag("--start", options->start, "Start it too");
    verb->callback([&globals, &chosen, options] {
        chosen = [&globals, options] { return run_register(globals, *options); };
    });
}

} // namespace gw::cli
