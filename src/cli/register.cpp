#include "operate/register.hpp"
#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/registration.hpp"
#include "cli/verbs.hpp"
#include "operate/install.hpp"
#include "store/service_settings_file.hpp"

namespace gw::cli {

namespace {

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

} // namespace

int register_profile(Context& context, const Words& words, sys::Effects& effects) {
    const auto environment = parse_environment(words.values("--env"));
    if (!environment) {
        return report_error(environment.error());
    }
    const bool starts = words.has("--start");
    return run_registration(context, words, effects,
                            {"register", "registered",
                             one_by_one([&](const operate::Operator& by, const ProfileName& name) {
                                 auto done = operate::register_profile(by, name, *environment);
                                 return done && starts ? operate::start_and_wait(by, name) : done;
                             })});
}

} // namespace gw::cli
