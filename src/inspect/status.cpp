#include "inspect/status.hpp"

#include "operate/holder.hpp"
#include "rules/findings.hpp"
#include "store/profile_snapshot.hpp"

#include <fmt/format.h>

namespace gw::inspect {

namespace {

/// Collects the findings about one gateway, each with the cure that fits its supervisor.
class Findings {
  public:
    Findings(GatewayStatus& status, const supervise::Traits& traits,
             std::optional<ReasonAgainst> against)
        : status_(status), upkeep_(traits.upkeep()), against_(std::move(against)) {}

    void add(FindingCode code, std::string what, std::string why = {}) {
        status_.findings.push_back(
            finding(code, upkeep_, status_.profile, std::move(what), std::move(why)));
    }
    /// That it is down, and why; where it does not run at all, that is why, and no start helps.
    void add_down(FindingCode code, std::string what, std::string why = {}) {
        add(code, std::move(what), against_ ? against_->why : std::move(why));
        if (against_) {
            status_.findings.back().cure = against_->next;
        }
    }
    void add(FindingCode code, std::string what, std::string_view verb,
             const ProfileName& profile) {
        add(code, std::move(what));
        status_.findings.back().cure = "gatewayctl " + std::string(verb) + " " + profile.str();
    }
    [[nodiscard]] bool runs_here() const { return !against_; }

  private:
    GatewayStatus& status_;
    Upkeep upkeep_;
    std::optional<ReasonAgainst> against_;
};

void find_marker(const store::ProfileSnapshot& snapshot, const sys::Directory& directory,
                 GatewayStatus& status, Findings& findings) {
    const auto& file = snapshot.planned_stop;
    if (!file) {
        findings.add(FindingCode::unreadable_marker, file.error().message);
        return;
    }
    if (!*file) {
        return;
    }
    auto answer = store::answer_of(
        **file,
        store::marker_reader_of(status.service.process.value_or(ProcessIdentity{}), directory));
    if (answer.verdict != MarkerVerdict::stale) {
        status.pending_marker = std::move(answer.marker);
    }
}

void find_disagreements(const GatewayStatus& status, Findings& findings) {
    const auto intent = status.intent.resolved.kind;
    if (!status.service.drift.empty()) {
        findings.add(FindingCode::drift, "drift", status.service.drift);
    }
    if (!status.service_error && !status.service.registered && status.has_directory) {
        if (status.unregistered) {
            findings.add(FindingCode::unregistered, "was unregistered",
                         to_text(*status.unregistered));
        } else {
            findings.add_down(FindingCode::not_registered, "is not registered");
        }
    }
    if (status.service_error || !status.service.registered) {
        return;
    }
    if (status.parked) {
        findings.add_down(FindingCode::parked, "parked", status.parked->reason);
        return;
    }
    if (intent == Intent::Kind::stopped && status.service.up && !status.pending_marker) {
        findings.add(FindingCode::up_against_intent, "is up although the intent is stopped");
    }
    if (intent == Intent::Kind::running && status.service.supervised && !status.service.wants_up &&
        findings.runs_here()) {
        findings.add(FindingCode::down_against_intent, "is down although the intent is running");
    }
    if (status.intent.resolved.repair == IntentRepair::mirror_follows) {
        findings.add(FindingCode::old_intent_written_back,
                     "an old desired_state was written back to gateway_state.json");
    }
}

void read_profile(const sys::Directory& directory, GatewayStatus& status, Findings& findings) {
    auto snapshot = store::read_snapshot(directory);
    status.prior_exit = status.service.up ? PriorExit::unknown : snapshot.prior_life.exit;
    status.prior_exit_detail = std::move(snapshot.prior_life.detail);
    status.port = snapshot.service.settings.port;
    status.unregistered = unregistration_of(snapshot);
    find_marker(snapshot, directory, status, findings);
    status.intent = std::move(snapshot.intent);
    status.parked = std::move(snapshot.parked);
}

} // namespace

namespace {

/// An orphan of a supervisor that was killed, or one that was started by hand: who wants it to run
/// has it begin anew, supervised.
void find_outside(const store::Home& home, const sys::Directory& directory, GatewayStatus& status,
                  Findings& findings) {
    status.outside = operate::holder_outside(home, directory, status.service);
    if (status.outside) {
        const bool wanted = status.intent.resolved.kind == Intent::Kind::running;
        findings.add(
            FindingCode::held_outside,
            fmt::format("runs outside of its supervisor, pid {}", status.outside->pid.value),
            wanted ? "restart" : "stop", status.profile);
    }
}

/// Only of a profile that was deleted the service is advised to be removed.
void find_absence(const store::Home& home, const GatewayStatus& status, Findings& findings) {
    const auto seen = home.absence_of(status.profile);
    const auto& made_for = status.service.made_for;
    const auto verdict = judge_retirement(made_for ? made_for : seen.now, seen);
    if (verdict.may_go) {
        findings.add(FindingCode::profile_gone, "its profile directory is gone");
    } else {
        findings.add(FindingCode::profile_unseen, "its profile cannot be seen", verdict.why);
    }
}

} // namespace

GatewayStatus gateway_status(const supervise::ServiceManager& manager, const store::Home& home,
                             const ContainerFacts& here, const ProfileName& profile) {
    GatewayStatus status;
    status.profile = profile;
    auto service = manager.observe(profile);
    if (service) {
        status.service = std::move(*service);
    } else {
        status.service_error = std::move(service.error());
    }
    Findings findings(status, manager.traits(), reason_against(here, profile));
    const auto directory = home.find(profile);
    status.has_directory = directory && *directory;
    if (status.has_directory) {
        read_profile(**directory, status, findings);
    } else if (status.service.registered) {
        find_absence(home, status, findings);
    } else {
        findings.add(FindingCode::no_such_profile, "there is no such profile");
    }
    if (status.has_directory && !status.service_error) {
        find_outside(home, **directory, status, findings);
    }
    find_disagreements(status, findings);
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
