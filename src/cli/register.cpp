#include "operate/register.hpp"
#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/registration.hpp"
#include "cli/verbs.hpp"
#include "operate/install.hpp"
#include "store/service_settings_file.hpp"

#include <fmt/ranges.h>

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

Outcome outcome_of(const operate::Registered& done, const ProfileName& profile) {
    if (done.is_new) {
        return {};
    }
    if (done.changes.empty()) {
        return {"unchanged", "it has these variables already"};
    }
    const std::string counts =
        done.runs ? "; it runs on as it is until: gatewayctl restart " + profile.str()
                  : "; from its next start on";
    return {"updated", fmt::format("{}{}", fmt::join(done.changes, ", "), counts)};
}

} // namespace

int register_profile(Context& context, const Words& words, sys::Effects& effects) {
    const auto environment = parse_environment(words.values("--env"));
    if (!environment) {
        return report_error(environment.error());
    }
    const bool starts = words.has("--start");
    const auto act = [&](const operate::Operator& by, const ProfileName& name) -> Result<Outcome> {
        const auto share =
            starts ? operate::share_volume(by, "start", name) : Result<own::Share>(own::Share{});
        if (!share) {
            return std::unexpected(operate::in_verb(share.error(), "register --start", name));
        }
        const auto done = operate::register_profile(by, name, *environment);
        if (!done) {
            return std::unexpected(done.error());
        }
        const auto started = starts ? operate::start_and_wait(by, name) : Result<void>{};
        return started ? Result<Outcome>(outcome_of(*done, name))
                       : std::unexpected(started.error());
    };
    return run_registration(context, words, effects, {"register", "registered", one_by_one(act)});
}

} // namespace gw::cli
