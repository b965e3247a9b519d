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

Result<EnvironmentChange> parse_change(const Words& words) {
    EnvironmentChange change;
    for (const auto& text : words.values("--env")) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || !store::is_variable_name(text.substr(0, equals))) {
            return fail(Errc::usage, "'" + printable(text) + "' is not NAME=VALUE",
                        "gatewayctl register NAME --env KEY=VALUE");
        }
        change.set.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    for (const auto& name : words.values("--unset")) {
        if (!store::is_variable_name(name)) {
            return fail(Errc::usage, "'" + printable(name) + "' is no name of a variable",
                        "gatewayctl register NAME --unset KEY");
        }
        change.unset.push_back(name);
    }
    return change;
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
    const auto change = parse_change(words);
    if (!change) {
        return report_error(change.error());
    }
    const bool starts = words.has("--start");
    const auto act = [&](const operate::Operator& by, const ProfileName& name) -> Result<Outcome> {
        const auto share =
            starts ? operate::share_volume(by, "start", name) : Result<own::Share>(own::Share{});
        if (!share) {
            return std::unexpected(operate::in_verb(share.error(), "register --start", name));
        }
        const auto done = operate::register_profile(by, name, *change);
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
