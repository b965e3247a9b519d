#include "cli/registration.hpp"
#include "cli/verbs.hpp"
#include "operate/register.hpp"

namespace gw::cli {

namespace {

Outcome outcome_of(operate::Unregistered found) {
    return found == operate::Unregistered::done
               ? Outcome{}
               : Outcome{"not-registered", "there is neither a slot nor a profile of that name"};
}

} // namespace

int unregister_profile(Context& context, const Words& words, sys::Effects& effects) {
    const auto options = operation_options(words);
    const auto act = [&](const operate::Operator& by, const ProfileName& name) -> Result<Outcome> {
        const auto done = operate::unregister_profile(by, name, options);
        return done ? Result<Outcome>(outcome_of(*done)) : std::unexpected(done.error());
    };
    return run_registration(context, words, effects,
                            {"unregister", "unregistered", one_by_one(act)});
}

} // namespace gw::cli
