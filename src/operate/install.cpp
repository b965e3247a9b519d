#include "operate/install.hpp"

#include "operate/begin.hpp"
#include "operate/register.hpp"
#include "operate/watch.hpp"
#include "rules/host_service.hpp"
#include "store/intent_store.hpp"
#include "store/operation_lock.hpp"
#include "sys/log.hpp"
#include "sys/self.hpp"

#include <fmt/format.h>

namespace gw::operate {

namespace {

Result<supervise::ServiceSpec> spec_of(const Operator& by, const ProfileName& profile,
                                       const sys::Directory& directory,
                                       const InstallExceptions& exceptions) {
    const auto account = store::account_of_home(by.home);
    if (auto usable = check_config_usable(by.settings); !usable) {
        return std::unexpected(std::move(usable.error()));
    }
    const auto bare = slot_spec(by.home.path(), by.settings, profile, {}, account);
    InstallExceptions allowed = exceptions;
    if (by.settings.user) {
        allowed.root_gateway = InstallExceptions::RootGateway::allowed;
    }
    if (auto good = check_installable(bare, allowed, sys::environment("TMPDIR").value_or(""));
        !good) {
        return std::unexpected(good.error());
    }
    const auto kept = settle_service_settings(by, profile, directory, {});
    if (!kept) {
        return std::unexpected(kept.error());
    }
    auto spec = slot_spec(by.home.path(), by.settings, profile, kept->now, account);
    spec.starts = store::read_intent(directory).resolved.kind == Intent::Kind::running;
    return spec;
}

/// A running gateway lives on with what it was started from.
void say_when_it_counts(const Operator& by, const ProfileName& profile,
                        const std::string& drift_before) {
    const auto seen = by.manager.observe(profile);
    if (seen && seen->up && !drift_before.empty()) {
        sys::log_warning(fmt::format("'{0}' runs as it was installed before (changed: {1}); next: "
                                     "gatewayctl stop {0} && gatewayctl start {0}",
                                     profile.str(), drift_before));
    }
}

} // namespace

Result<void> install(const Operator& by, const ProfileName& profile,
                     const InstallExceptions& exceptions) {
    if (by.manager.traits().registers) {
        return fail(Errc::unsupported,
                    "s6 has nothing to install: the container's boot hook makes a slot for every "
                    "profile on the volume",
                    "gatewayctl register " + profile.str());
    }
    // A start that is about to fail takes its intent back: what is enabled here is what stays.
    const auto directory = by.home.require(profile);
    const auto lock = directory ? store::lock_operations(by.effects, *directory)
                                : std::unexpected(directory.error());
    const auto spec =
        lock ? spec_of(by, profile, *directory, exceptions) : std::unexpected(lock.error());
    if (!spec) {
        return std::unexpected(spec.error());
    }
    const auto before = by.manager.observe(profile);
    auto installed = by.manager.add(by.effects, *spec);
    if (installed) {
        say_when_it_counts(by, profile, before ? before->drift : "");
    }
    return installed;
}

Result<void> uninstall(const Operator& by, const ProfileName& profile) {
    if (by.manager.traits().registers) {
        return fail(Errc::unsupported, "s6 has nothing to uninstall",
                    "gatewayctl unregister " + profile.str());
    }
    const auto done = unregister_profile(by, profile, {});
    return done ? Result<void>{} : std::unexpected(done.error());
}

Result<void> start_and_wait(const Operator& by, const ProfileName& profile) {
    return watch_one(by, begin_start(by, profile), {});
}

} // namespace gw::operate
