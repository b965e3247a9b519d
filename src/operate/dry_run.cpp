#include "operate/dry_run.hpp"

#include "operate/holder.hpp"
#include "store/intent_store.hpp"

namespace gw::operate {

namespace {

/// In the order of begin.cpp.
Result<sys::Directory> check(const Operator& by, Asked asked, const ProfileName& profile,
                             const ObservedService& service) {
    auto ours = check_share(by, to_string(asked), profile);
    if (ours && asked != Asked::stop) {
        ours = check_runs_here(by, profile);
    }
    if (!ours) {
        return std::unexpected(std::move(ours.error()));
    }
    if (!service.registered && asked != Asked::start) {
        return std::unexpected(not_registered(by, profile));
    }
    if (!service.registered && !by.manager.traits().registers) {
        return std::unexpected(only_installed(by, profile));
    }
    return asked == Asked::start ? by.home.require(profile) : directory_of_registered(by, profile);
}

std::optional<Pid> pid_of(const std::optional<ProcessIdentity>& process) {
    return process ? std::optional(process->pid) : std::nullopt;
}

} // namespace

Result<std::string> dry_run(const Operator& by, Asked asked, const ProfileName& profile) {
    const auto service = by.manager.observe_process(profile);
    auto directory =
        service ? check(by, asked, profile, *service) : std::unexpected(service.error());
    if (!directory) {
        return std::unexpected(in_verb(std::move(directory.error()), to_string(asked), profile));
    }
    return foresee(asked,
                   {.registered = service->registered,
                    .wants_up = service->wants_up,
                    .process = pid_of(service->process),
                    .outside = pid_of(holder_outside(by.home, *directory, *service)),
                    .intent = store::read_intent(*directory).resolved.kind},
                   by.settings.drain_timeout);
}

} // namespace gw::operate
