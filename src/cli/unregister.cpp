#include "cli/registration.hpp"
#include "cli/verbs.hpp"
#include "operate/register.hpp"

namespace gw::cli {

int unregister_profile(Context& context, const Words& words, sys::Effects& effects) {
    const auto options = operation_options(words);
    return run_registration(context, words, effects,
                            {"unregister", "unregistered",
                             one_by_one([&](const operate::Operator& by, const ProfileName& name) {
                                 return operate::unregister_profile(by, name, options);
                             })});
}

} // namespace gw::cli
