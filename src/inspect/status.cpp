#include "inspect/status.hpp"

#include "base/text.hpp"
#include "operate/holder.hpp"
#include "rules/container_facts.hpp"
#include "rules/findings.hpp"
#include "store/profile_snapshot.hpp"
#include "sys/accounts.hpp"
#include "sys/processes.hpp"
#include "sys/side_by_side.hpp"

#include <algorithm>
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
    /// With a cure that its supervisor does not settle.
    Finding& add_with(FindingCode code, std::string what, std::string cure) {
        add(code, std::move(what));
        status_.findings.back().cure = std::move(cure);
        return status_.findings.back();
    }
    [[nodiscard]] const std::optional<ReasonAgainst>& against() const { return against_; }

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
    status.stale_marker = answer.verdict == MarkerVerdict::stale;
    if (!status.stale_marker) {
        status.pending_marker = std::move(answer.marker);
    }
}

/// Without a slot, unit or plist. Where it would not run anyway nothing is wrong with that.
void find_no_service(GatewayStatus& status, Findings& findings) {
    if (status.unregistered) {
        findings.add(FindingCode::unregistered, "was unregistered", to_text(*status.unregistered));
        return;
    }
    findings.add_down(FindingCode::not_registered, "is not registered");
    if (findings.against() || status.intent.resolved.kind != Intent::Kind::running) {
        status.findings.back().severity = Severity::note;
    }
}

void find_deaths(GatewayStatus& status, const Viewpoint& from, Findings& findings) {
    const auto& [count, last] = status.deaths;
    const auto& service = status.service;
    if (count == 0 || !last || from.now.wall - *last > stable_life) {
        return;
    }
    auto what = fmt::format("deaths: {} of {}", count, status.death_budget);
    if (service.up) {
        findings.add(FindingCode::keeps_dying, std::move(what));
        status.findings.back().severity = Severity::warning;
    } else if (service.wants_up) {
        status.next_start = next_start(status.deaths);
        const auto left = std::chrono::ceil<seconds>(*status.next_start - from.now.wall).count();
        findings.add(FindingCode::keeps_dying,
                     what + fmt::format(", next start in {} s", std::max<std::int64_t>(left, 0)));
    }
}

/// Whether a stop that is not carried out yet will be: it drains, or who has asked for it is about
/// to give the command. One who died before that never will.
bool is_on_its_way(const GatewayStatus& status) {
    return status.drain ||
           (status.pending_marker && sys::identity_of(status.pending_marker->writer));
}

/// Work that takes its time is lost where the supervisor is less patient than the settings are.
void find_kill_limit(GatewayStatus& status, const Viewpoint& from, Findings& findings) {
    const auto& kills = status.service.kill_limit;
    const auto drain = from.settings.drain_timeout;
    if (!kills || kills->limit > drain) {
        return;
    }
    findings.add(FindingCode::kill_before_drain,
                 fmt::format("is killed after {} s, and its drain may take {} s",
                             kills->limit.count(), drain.count()),
                 kills->said_by);
    if (!kills->cure.empty()) {
        status.findings.back().cure = kills->cure;
    }
}

/// What the supervisor does, against what its operator wants.
void find_disagreements(GatewayStatus& status, const Viewpoint& from, Findings& findings) {
    const auto intent = status.intent.resolved.kind;
    const auto& service = status.service;
    if (!service.drift.empty()) {
        findings.add(FindingCode::drift, "drift", service.drift);
    }
    find_kill_limit(status, from, findings);
    if (!service.registered) {
        if (status.has_directory) {
            find_no_service(status, findings);
        }
        return;
    }
    if (status.parked) {
        findings.add_down(FindingCode::parked, "parked", status.parked->reason);
        return;
    }
    find_deaths(status, from, findings);
    if (intent == Intent::Kind::stopped && service.up && !is_on_its_way(status)) {
        findings.add(FindingCode::up_against_intent, "is up although the intent is stopped");
    }
    if (intent == Intent::Kind::running && !service.supervised && !service.up &&
        !findings.against() && !status.outside) {
        findings.add(FindingCode::down_against_intent,
                     "is down although the intent is running: nothing supervises it");
    }
    if (intent == Intent::Kind::running && service.supervised && !service.wants_up) {
        if (const auto& against = findings.against()) {
            findings.add_with(FindingCode::runs_not_here, "does not run here", against->next).why =
                against->why;
        } else if (!status.drain) {
            findings.add(FindingCode::down_against_intent,
                         "is down although the intent is running");
        }
    }
    if (status.intent.resolved.repair == IntentRepair::mirror_follows &&
        status.intent.state.answer == FileAnswer::ok) {
        findings.add(FindingCode::old_intent_written_back,
                     "an old desired_state was written back to gateway_state.json");
    }
}

/// Whatever else lies there, no boot serves a directory without it.
void find_soul(const sys::Directory& directory, const GatewayStatus& status, Findings& findings) {
    if (!status.profile.is_root() && !directory.has(store::soul_file_name)) {
        findings
            .add_with(FindingCode::no_soul, "it has no SOUL.md, so it is no profile",
                      "touch " + shell_quote(directory.path_of(store::soul_file_name)))
            .why = directory.path();
    }
}

/// Of a profile that its gateway's user cannot write to, nothing that is asked for can be recorded.
void find_owner(const sys::Directory& directory, Findings& findings) {
    const auto self = sys::effective_uid();
    const auto own = directory.own_info();
    if (own && own->uid != self && !directory.may_write(".")) {
        findings
            .add_with(FindingCode::wrong_owner,
                      fmt::format("its directory belongs to uid {} {}", own->uid,
                                  sys::user_name_of(own->uid)),
                      fmt::format("as root: chown -hR {} {}", self, shell_quote(directory.path())))
            .why = fmt::format("this is uid {}", self);
    }
}

/// A stop that did not come to its end has lost the work that was not finished.
void find_cut_drain(const GatewayStatus& status, const Viewpoint& from, Findings& findings) {
    const bool drained = !status.traces.note || status.traces.note->progress == "drained";
    if (status.service.up || status.prior_exit != PriorExit::unclean || drained) {
        return;
    }
    findings
        .add_with(
            FindingCode::drain_cut_off, "its last drain was cut off",
            fmt::format("set drain_timeout: {} in {}/gatewayctl.yaml, then gatewayctl reconcile",
                        from.settings.drain_timeout.count() * 2, from.home.path()))
        .why = fmt::format("{}; a drain may take {} s", status.prior_exit_detail,
                           from.settings.drain_timeout.count());
}

/// Why the next boot leaves it down although nobody has asked for that.
void find_undecided(const GatewayStatus& status, const sys::Directory& directory,
                    Findings& findings) {
    const auto& decision = *status.decision;
    if (!decision.loud) {
        return;
    }
    if (decision.reason == Reason::unreadable) {
        const auto file = shell_quote(directory.path_of(store::state_file_name));
        findings
            .add_with(
                FindingCode::unreadable_state, "its state cannot be read",
                fmt::format("as root: chown {0} {1} && chmod u+rw {1}", sys::effective_uid(), file))
            .why = decision.detail;
    } else if (decision.reason == Reason::corrupt) {
        findings.add(FindingCode::corrupt_state, "its state file is corrupt", decision.detail);
    } else if (decision.reason == Reason::intent_unknown) {
        findings.add(FindingCode::unknown_intent, "its intent is a word that nobody knows",
                     decision.detail);
    }
}

/// Since when a gateway that its supervisor is to take down was told so: by its marker, which many
/// gateways remove at once, or by the intent.
std::optional<WallTime> told_to_stop(const GatewayStatus& status) {
    if (status.service.wants_up) {
        return std::nullopt;
    }
    if (status.pending_marker) {
        return status.pending_marker->written_at;
    }
    const auto by = provenance_of(status.intent.resolved, status.intent.intent_file);
    return by && status.intent.resolved.kind == Intent::Kind::stopped
               ? parse_rfc3339(by->changed_at)
               : std::nullopt;
}

/// Where a gateway is that finishes its work: by its own note, or since it was told to stop.
std::optional<DrainProgress> drain_of(const GatewayStatus& status, const Viewpoint& from) {
    const auto noted = drains_since(status.traces);
    const auto since = noted ? noted : told_to_stop(status);
    if (!status.service.up || !since) {
        return std::nullopt;
    }
    const auto elapsed = std::chrono::floor<seconds>(from.now.wall - *since);
    return DrainProgress{std::max(elapsed, seconds{0}), from.settings.drain_timeout};
}

void read_profile(const Viewpoint& from, const sys::Directory& directory, GatewayStatus& status,
                  Findings& findings) {
    auto snapshot = store::read_snapshot(directory);
    auto facts = store::facts_of(snapshot);
    facts.placed_elsewhere = from.places.elsewhere(status.profile);
    status.decision = decide(from.here, facts, status.profile);
    // The record of a life that goes on in another container reads as one that was killed.
    if (!status.service.up && !from.here.foreign_owner && !facts.placed_elsewhere) {
        status.prior_exit = snapshot.prior_life.exit;
        status.prior_exit_detail = std::move(snapshot.prior_life.detail);
    }
    status.port = snapshot.service.settings.port;
    status.unregistered = unregistration_of(snapshot);
    find_marker(snapshot, directory, status, findings);
    status.traces = std::move(snapshot.traces);
    status.intent = std::move(snapshot.intent);
    status.parked = std::move(snapshot.parked);
    status.deaths = snapshot.deaths;
    status.death_budget = from.settings.death_budget;
    status.drain = drain_of(status, from);
    find_undecided(status, directory, findings);
    if (!from.manager.traits().registers) {
        status.decision.reset(); // what is enabled comes up
    }
}

/// An orphan of a supervisor that was killed, or one that was started by hand: who wants it to run
/// has it begin anew, supervised.
void find_outside(const store::Home& home, const sys::Directory& directory, GatewayStatus& status,
                  Findings& findings) {
    status.outside = operate::holder_outside(home, directory, status.service);
    if (status.outside) {
        const bool wanted = status.intent.resolved.kind == Intent::Kind::running;
        findings.add_with(
            FindingCode::held_outside,
            fmt::format("runs outside of its supervisor, pid {}", status.outside->pid.value),
            fmt::format("gatewayctl {} {}", wanted ? "restart" : "stop", status.profile.str()));
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
        findings
            .add_with(FindingCode::profile_unseen, "its profile cannot be seen",
                      home.has_profiles() ? "ls -ld " + shell_quote(home.path_of(status.profile))
                                          : "mount the volume, then gatewayctl reconcile")
            .why = verdict.why;
    }
}

void find_service_error(const GatewayStatus& status, Findings& findings) {
    const auto& error = *status.service_error;
    const bool taken = error.code == Errc::conflict;
    findings
        .add_with(taken ? FindingCode::slot_not_ours : FindingCode::unseen_service,
                  taken ? "its name is taken by what is not ours"
                        : "its supervisor cannot be asked",
                  error.next)
        .why = error.message;
}

GatewayStatus status_of(const Viewpoint& from, const ProfileName& profile,
                        Result<ObservedService> service) {
    GatewayStatus status;
    status.profile = profile;
    Findings findings(status, from.manager.traits(),
                      reason_against(from.here, profile, from.places.elsewhere(profile)));
    if (service) {
        status.service = std::move(*service);
    } else {
        status.service_error = std::move(service.error());
        find_service_error(status, findings);
    }
    const auto directory = from.home.find(profile);
    status.has_directory = directory && *directory;
    if (status.has_directory) {
        find_soul(**directory, status, findings);
        find_owner(**directory, findings);
        read_profile(from, **directory, status, findings);
        find_cut_drain(status, from, findings);
    } else if (status.service.registered) {
        find_absence(from.home, status, findings);
    } else if (!directory) {
        findings.add(FindingCode::profile_unseen, "its profile cannot be seen",
                     directory.error().message);
    } else {
        findings.add(FindingCode::no_such_profile,
                     "there is no such profile" + from.home.meant_hint_for(profile.str()));
    }
    if (status.has_directory && !status.service_error) {
        find_outside(from.home, **directory, status, findings);
    }
    if (!status.service_error) {
        find_disagreements(status, from, findings);
    }
    std::stable_sort(status.findings.begin(), status.findings.end(),
                     [](const auto& a, const auto& b) { return a.severity > b.severity; });
    return status;
}

std::vector<GatewayStatus> statuses_of(const Viewpoint& from, std::span<const ProfileName> profiles,
                                       std::vector<Result<ObservedService>> services) {
    std::vector<GatewayStatus> all(profiles.size());
    sys::for_each_side_by_side(profiles.size(), [&](std::size_t i) {
        all[i] = status_of(from, profiles[i], std::move(services[i]));
    });
    return all;
}

} // namespace

GatewayStatus gateway_status(const Viewpoint& from, const ProfileName& profile) {
    return status_of(from, profile, from.manager.observe(profile));
}

std::vector<GatewayStatus> gateway_statuses(const Viewpoint& from,
                                            std::span<const ProfileName> profiles) {
    return statuses_of(from, profiles, from.manager.observe_all(profiles));
}

std::vector<GatewayStatus> glances(const Viewpoint& from, std::span<const ProfileName> profiles) {
    return statuses_of(from, profiles, from.manager.observe_processes(profiles));
}

} // namespace gw::inspect
