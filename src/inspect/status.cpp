#include "inspect/status.hpp"

#include "base/text.hpp"
#include "store/lifecycle.hpp"
#include "store/marker_file.hpp"
#include "store/service_settings_file.hpp"
#include "sys/clock.hpp"

namespace gw::inspect {

namespace {

void read_marker(const sys::Directory& directory, GatewayStatus& status) {
    const MarkerReader reader{status.service.process.value_or(ProcessIdentity{}), directory.path(),
                              sys::now(), std::nullopt};
    const auto answer = store::probe_marker(directory, MarkerKind::planned_stop, reader);
    if (!answer) {
        status.notes.push_back(answer.error().message);
    } else if (*answer && (*answer)->verdict != MarkerVerdict::stale) {
        status.pending_marker = (*answer)->marker;
    }
}

void note_disagreements(GatewayStatus& status) {
    const auto intent = status.intent.resolved.kind;
    if (!status.service.drift.empty()) {
        status.notes.push_back("drift: " + status.service.drift + " (gatewayctl reconcile)");
    }
    if (!status.service_error && !status.service.registered && status.has_directory) {
        status.notes.push_back("is not registered (gatewayctl start " + status.profile.str() + ")");
    }
    if (status.service_error || !status.service.registered) {
        return;
    }
    if (status.parked) {
        status.notes.push_back("parked: " + status.parked->reason + " (gatewayctl start " +
                               status.profile.str() + ")");
        return;
    }
    if (intent == Intent::Kind::stopped && status.service.up && !status.pending_marker) {
        status.notes.push_back("is up although the intent is stopped (gatewayctl stop " +
                               status.profile.str() + ")");
    }
    if (intent == Intent::Kind::running && status.service.supervised && !status.service.wants_up) {
        status.notes.push_back("is down although the intent is running (gatewayctl start " +
                               status.profile.str() + ")");
    }
    if (status.intent.resolved.repair == IntentRepair::mirror_follows) {
        status.notes.emplace_back("an old desired_state was written back to gateway_state.json");
    }
}

} // namespace

GatewayStatus gateway_status(const supervise::ServiceManager& manager, const store::Home& home,
                             const ProfileName& profile) {
    GatewayStatus status;
    status.profile = profile;
    auto service = manager.observe(profile);
    if (service) {
        status.service = std::move(*service);
    } else {
        status.service_error = std::move(service.error());
    }
    const auto directory = home.find(profile);
    status.has_directory = directory && *directory;
    if (status.has_directory) {
        status.intent = store::read_intent(**directory);
        const auto life = store::read_prior_life(**directory);
        status.prior_exit = status.service.up ? PriorExit::unknown : life.exit;
        status.prior_exit_detail = life.detail;
        status.parked = store::read_park(**directory);
        status.port = store::read_service_settings(**directory).settings.port;
        read_marker(**directory, status);
    } else {
        status.notes.emplace_back(status.service.registered
                                      ? "its profile directory is gone (gatewayctl unregister " +
                                            profile.str() + ")"
                                      : "there is no such profile (gatewayctl list)");
    }
    note_disagreements(status);
    return status;
}

std::string_view state_word(const GatewayStatus& status) {
    const auto& service = status.service;
    if (status.service_error) {
        return "unknown";
    }
    if (!service.registered) {
        return "unregistered";
    }
    if (!service.supervised) {
        return "unsupervised";
    }
    if (service.up) {
        return !service.wants_up ? "stopping" : service.ready == false ? "starting" : "running";
    }
    return service.wants_up ? "restarting" : status.parked ? "parked" : "stopped";
}

} // namespace gw::inspect
