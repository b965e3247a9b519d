#include "operate/install.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

Result<Outcome> within(const Result<void>& done, std::string_view verb,
                       const ProfileName& profile) {
    return done ? Result<Outcome>(Outcome{})
                : std::unexpected(Error(done.error())
                                      .within(fmt::format("cannot {} '{}'", verb, profile.str())));
}

InstallExceptions exceptions_of(const Words& words) {
    InstallExceptions exceptions;
    if (words.has("--temporary-home")) {
        exceptions.temporary_home = InstallExceptions::TemporaryHome::allowed;
    }
    if (words.has("--run-as-root")) {
        exceptions.root_gateway = InstallExceptions::RootGateway::allowed;
    }
    return exceptions;
}

} // namespace

int install(Context& context, const Words& words, sys::Effects& effects) {
    const auto exceptions = exceptions_of(words);
    const bool starts = words.has("--start");
    return run_batch(context, words, effects,
                     {"install", "installed",
                      one_by_one([&](const operate::Operator& by, const ProfileName& profile) {
                          auto done = operate::install(by, profile, exceptions);
                          return within(done && starts ? operate::start_and_wait(by, profile)
                                                       : std::move(done),
                                        "install", profile);
                      }),
                      operate::every_profile});
}

int uninstall(Context& context, const Words& words, sys::Effects& effects) {
    return run_batch(context, words, effects,
                     {"uninstall", "uninstalled",
                      one_by_one([](const operate::Operator& by, const ProfileName& profile) {
                          return within(operate::uninstall(by, profile), "uninstall", profile);
                      }),
                      operate::every_registered});
}

} // namespace gw::cli
