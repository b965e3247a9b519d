#include "reconcile/observe.hpp"

#include "rules/container_facts.hpp"
#include "store/intent_store.hpp"
#include "store/lifecycle.hpp"
#include "store/park.hpp"
#include "store/run_lock.hpp"
#include "store/service_settings_file.hpp"
#include "sys/accounts.hpp"
#include "sys/processes.hpp"

#include <algorithm>
#include <array>

namespace gw::reconcile {

namespace {
/// Left by a gateway of an earlier container: their pids mean nothing in this pid namespace.
constexpr std::array<const char*, 2> stale_files = {"gateway.pid", "processes.json"};
} // namespace

namespace {

void observe_state(const sys::Directory& directory, ProfileObservation& seen) {
    const auto files = store::read_intent(directory);
    seen.facts.state_answer = files.state.answer;
    seen.facts.state_problem = files.state.problem;
    seen.facts.state = files.gateway;
    seen.facts.intent = files.resolved;
    if (files.intent_file.answer == FileAnswer::corrupt ||
        files.intent_file.answer == FileAnswer::unreadable) {
        seen.warnings.push_back(".gateway-intent.json cannot be used");
    }
    if (files.state.answer == FileAnswer::absent && store::has_corrupt_aside(directory)) {
        seen.facts.state_answer = FileAnswer::corrupt;
        seen.facts.state_problem = "a corrupt state file was kept aside and none has come since";
        seen.state_kept_aside = true;
    }
}

/// Left by a gateway of an earlier container, unless its record names one that lives.
void observe_stale_files(const sys::Directory& directory, ProfileObservation& seen) {
    const auto record = store::read_run_record(directory);
    const bool record_is_live = record && store::is_live(*record);
    for (const char* file : stale_files) {
        if (record_is_live && file == std::string_view(store::run_record_name)) {
            continue;
        }
        const auto info = directory.info(file);
        if (!info || !*info) {
            continue;
        }
        if ((*info)->kind == sys::EntryKind::directory) {
            seen.warnings.push_back(std::string(file) + " is a directory: left alone");
        } else {
            seen.stale_files.emplace_back(file);
        }
    }
}

ServiceSettings observe_settings(const sys::Directory& directory, ProfileObservation& seen) {
    auto answer = store::read_service_settings(directory);
    if (!answer.problem.empty()) {
        seen.settings_known = false;
        seen.warnings.push_back(std::move(answer.problem));
    }
    return std::move(answer.settings);
}

/// What lies on the volume about one profile; the answer is what is kept for its service.
ServiceSettings observe_profile(const store::Home& home, ProfileObservation& seen) {
    const auto directory = home.find(seen.name);
    if (!directory || !*directory) {
        seen.facts.state_answer = FileAnswer::unreadable;
        seen.facts.state_problem =
            directory ? "its directory has disappeared" : directory.error().message;
        seen.settings_known = false;
        return {};
    }
    observe_state(**directory, seen);
    const auto life = store::read_prior_life(**directory);
    seen.facts.prior_exit = life.exit;
    seen.facts.prior_exit_detail = life.detail;
    if (const auto parked = store::read_park(**directory)) {
        seen.facts.parked = parked->reason;
    }
    observe_stale_files(**directory, seen);
    return observe_settings(**directory, seen);
}

/// Slots of this home whose profile does not exist any more.
void observe_orphans(const std::vector<ProfileName>& slots,
                     const std::vector<ProfileName>& profiles, const supervise::Scandir& scandir,
                     const store::Home& home, Observation& observation) {
    for (const auto& slot : slots) {
        if (std::binary_search(profiles.begin(), profiles.end(), slot)) {
            continue;
        }
        const auto seen = scandir.observe(slot, home.path());
        if (seen.kind == ObservedSlot::Kind::ours) {
            observation.orphan_slots.push_back(slot);
        } else if (seen.kind == ObservedSlot::Kind::unreadable) {
            observation.warnings.push_back(slot.slot() +
                                           " has no profile and is kept: " + seen.detail);
        }
    }
}

} // namespace

Result<Observation> observe(const store::Home& home,
                            const std::optional<supervise::Scandir>& scandir,
                            const Settings& settings) {
    const auto account = store::account_of_home(home);
    if (!account) {
        return std::unexpected(account.error());
    }
    Observation observation;
    observation.container = container_facts(settings, sys::all_command_lines());
    auto listing = home.profiles();
    observation.invalid = std::move(listing.invalid);
    observation.warnings = settings.warnings;
    observation.warnings.insert(observation.warnings.end(), listing.warnings.begin(),
                                listing.warnings.end());
    observation.scandir_exists = scandir.has_value();
    for (const auto& name : listing.names) {
        ProfileObservation seen;
        seen.name = name;
        seen.spec = slot_spec(home.path(), settings, name, observe_profile(home, seen), *account);
        if (scandir) {
            seen.slot = scandir->observe(name, home.path());
        }
        observation.profiles.push_back(std::move(seen));
    }
    if (!scandir) {
        return observation;
    }
    observation.supervisor_live = scandir->supervisor_live();
    auto slots = scandir->list();
    if (!slots) {
        return std::unexpected(slots.error());
    }
    if (!listing.incomplete) {
        observe_orphans(slots->slots, listing.names, *scandir, home, observation);
    }
    observation.leftovers = std::move(slots->leftovers);
    return observation;
}

} // namespace gw::reconcile
