#include "cli/operate.hpp"
#include "cli/verbs.hpp"
#include "reconcile/observe.hpp"
#include "rules/host_service.hpp"
#include "store/intent_store.hpp"
#include "sys/self.hpp"
#include "sys/system_effects.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

using supervise::ServiceSpec;

struct InstallOptions {
    std::vector<std::string> names;
    bool start = false;
    InstallExceptions exceptions;
};

Result<ServiceSpec> spec_of(const operate::Operator& by, const ProfileName& profile,
                            const InstallExceptions& exceptions) {
    const auto directory = by.home.require(profile);
    const auto account = store::account_of_home(by.home);
    if (!directory || !account) {
        return std::unexpected(directory ? account.error() : directory.error());
    }
    const auto bare = slot_spec(by.home.path(), by.settings, profile, {}, *account);
    if (auto good = check_installable(bare, exceptions, sys::environment("TMPDIR").value_or(""));
        !good) {
        return std::unexpected(good.error());
    }
    const auto kept = operate::settle_service_settings(by, profile, *directory, {});
    if (!kept) {
        return std::unexpected(kept.error());
    }
    auto spec = slot_spec(by.home.path(), by.settings, profile, *kept, *account);
    spec.starts = store::read_intent(*directory).resolved.kind == Intent::Kind::running;
    return spec;
}

/// A running gateway lives on with what it was started from.
void say_when_it_counts(const operate::Operator& by, const ProfileName& profile,
                        const std::string& drift_before) {
    const auto seen = by.manager.observe(profile);
    if (seen && seen->up && !drift_before.empty()) {
        sys::log_warning(fmt::format("'{0}' runs as it was installed before (changed: {1}); next: "
                                     "gatewayctl stop {0} && gatewayctl start {0}",
                                     profile.str(), drift_before));
    }
}

Result<void> install_one(const operate::Operator& by, const ProfileName& profile,
                         const InstallOptions& options) {
    if (by.manager.traits().registers) {
        return fail(Errc::unsupported,
                    "s6 has nothing to install: the container's boot hook makes a slot for every "
                    "profile on the volume",
                    "gatewayctl register " + profile.str());
    }
    const auto spec = spec_of(by, profile, options.exceptions);
    if (!spec) {
        return std::unexpected(spec.error());
    }
    const auto before = by.manager.observe(profile);
    if (auto installed = by.manager.add(by.effects, *spec); !installed) {
        return installed;
    }
    say_when_it_counts(by, profile, before ? before->drift : "");
    if (!options.start) {
        return {};
    }
    return operate::watch_one(by, operate::begin_start(by, profile), {});
}

/// Runs one of the two verbs on every named profile.
template <class Step>
int on_each(const Globals& globals, const std::vector<std::string>& names, std::string_view verb,
            std::string_view past, const Step& step) {
    const auto station = Station::open(globals);
    const auto targets = named_targets(globals, names);
    if (!station || !targets) {
        return report_error(station ? targets.error() : station.error());
    }
    sys::SystemEffects effects;
    const auto by = (*station)->with(effects);
    std::vector<VerbResult> results;
    for (const auto& profile : *targets) {
        VerbResult result{profile, std::nullopt};
        if (auto done = step(by, profile); !done) {
            result.error =
                std::move(done.error()).within(fmt::format("cannot {} '{}'", verb, profile.str()));
        }
        results.push_back(std::move(result));
    }
    return report_results(globals, verb, past, results);
}

int run_uninstall(const Globals& globals, const std::vector<std::string>& names) {
    return on_each(globals, names, "uninstall", "uninstalled",
                   [](const operate::Operator& by, const ProfileName& profile) -> Result<void> {
                       return by.manager.traits().registers
                                  ? fail(Errc::unsupported, "s6 has nothing to uninstall",
                                         "gatewayctl unregister " + profile.str())
                                  : operate::unregister_profile(by, profile, {});
                   });
}

} // namespace

void add_install(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "install", "Make (or repair) the systemd unit or launchd plist of a profile");
    auto options = std::make_shared<InstallOptions>();
    verb->add_option("NAME", options->names, "Profiles; default: -p, else 'default'")
        ->type_name("");
    verb->add_flag("--start", options->start, "Start it too");
    verb->add_flag_callback(
        "--temporary-home",
        [options] {
            options->exceptions.temporary_home = InstallExceptions::TemporaryHome::allowed;
        },
        "The home may be below /tmp");
    verb->add_flag_callback(
        "--run-as-root",
        [options] { options->exceptions.root_gateway = InstallExceptions::RootGateway::allowed; },
        "The gateway may run as root, the owner of the home");
    verb->callback([&globals, &chosen, options] {
        chosen = [&globals, options] {
            return on_each(globals, options->names, "install", "installed",
                           [options](const operate::Operator& by, const ProfileName& profile) {
                               return install_one(by, profile, *options);
                           });
        };
    });
}

void add_uninstall(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "uninstall", "Stop a gateway and remove its systemd unit or launchd plist; its profile and "
                     "its intent stay");
    auto names = std::make_shared<std::vector<std::string>>();
    verb->add_option("NAME", *names, "Profiles; default: -p, else 'default'")->type_name("");
    verb->callback([&globals, &chosen, names] {
        chosen = [&globals, names] { return run_uninstall(globals, *names); };
    });
}

} // namespace gw::cli
