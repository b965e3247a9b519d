#include "reconcile/observe.hpp"

#include "rules/findings.hpp"
#include "store/leftovers.hpp"
#include "store/planned_end.hpp"
#include "sys/accounts.hpp"
#include "sys/side_by_side.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <tuple>

namespace gw::reconcile {

namespace {

/// Files whose pids mean nothing in the pid namespace of another container.
constexpr std::array<std::string_view, 4> stale_files = {
    store::pid_file_name, store::process_list_name, store::run_record_name,
    store::planned_end_file_name};

bool names_a_gateway(std::string_view file) {
    return file == store::pid_file_name || file == store::run_record_name;
}

/// Left by a gateway of an earlier container, unless its record names one that lives.
void observe_stale_files(const store::ProfileSnapshot& snapshot, bool record_is_live,
                         ProfileObservation& seen) {
    for (const auto file : stale_files) {
        const auto entry =
            std::find_if(snapshot.entries.begin(), snapshot.entries.end(),
                         [&](const sys::DirectoryEntry& e) { return e.name == file; });
        if (entry == snapshot.entries.end() || (record_is_live && names_a_gateway(file))) {
            continue;
        }
        if (entry->kind == sys::EntryKind::directory) {
            seen.findings.push_back(finding(FindingCode::stale_file_is_directory,
                                            seen.known.name.str(), entry->name + " is a directory",
                                            "left alone"));
        } else {
            seen.stale_files.push_back(entry->name);
        }
    }
}

/// A profile whose directory cannot be used.
ProfileObservation unreadable_profile(const ProfileName& name, std::string problem) {
    ProfileObservation seen;
    seen.known.name = name;
    seen.known.facts.state_answer = FileAnswer::unreadable;
    seen.known.facts.state_problem = std::move(problem);
    seen.known.settings_known = false;
    return seen;
}

/// Slots of this home whose profile does not exist any more.
void observe_orphans(const std::vector<ProfileName>& slots,
                     const std::vector<ProfileName>& profiles, const supervise::Scandir& scandir,
                     const store::Home& home, Observation& observation) {
    for (const auto& slot : slots) {
        if (std::binary_search(profiles.begin(), profiles.end(), slot)) {
            continue;
        }
        const auto seen = scandir.observe(slot, home);
        if (seen.kind == ObservedSlot::Kind::ours) {
            observation.orphan_slots.push_back(
                {slot, judge_retirement(seen.made_for, home.absence_of(slot))});
        } else if (seen.kind == ObservedSlot::Kind::unreadable) {
            observation.findings.push_back(finding(FindingCode::orphan_kept, slot.str(),
                                                   slot.slot() + " has no profile and is kept",
                                                   seen.detail));
        }
    }
}

/// The profiles of a home, each by whichever thread has come to it.
class ProfileReader {
  public:
    ProfileReader(const store::Home& home, const Settings& settings, const Account& account)
        : home_(home), settings_(settings), account_(account),
          origin_(home.origin_of(ProfileName::root())) {}

    /// `kept`: where the directory is left, if anywhere.
    ProfileObservation read(const ProfileName& name, std::optional<sys::Directory>* kept) {
        auto directory = home_.find(name);
        if (!directory || !*directory) {
            return specified(unreadable_profile(name, directory ? "its directory has disappeared"
                                                                : directory.error().message),
                             {});
        }
        const auto snapshot = store::read_snapshot(**directory, budget_);
        const auto& [run_record, pid_file] = std::tie(snapshot.run_record, snapshot.pid_file);
        const bool live =
            (run_record && store::is_live(*run_record)) || (pid_file && store::is_live(*pid_file));
        auto seen = observation_of(name, snapshot, live);
        seen.known.spec.origin.profile = (*directory)->identity();
        seen.leftovers = store::find_leftovers(**directory, snapshot.entries);
        if (kept != nullptr) {
            *kept = std::move(**directory);
        }
        return specified(std::move(seen), snapshot.service.settings);
    }

    /// Files that were not read because all of them together are too large.
    [[nodiscard]] std::size_t refused() const { return budget_.refused; }

  private:
    ProfileObservation specified(ProfileObservation seen, const ServiceSettings& kept) {
        const auto profile = seen.known.spec.origin.profile;
        seen.known.spec = slot_spec(home_.path(), settings_, seen.known.name, kept, account_);
        seen.known.spec.origin = {origin_.home, origin_.profiles, profile};
        return seen;
    }

    const store::Home& home_;
    const Settings& settings_;
    const Account& account_;
    store::ReadBudget budget_;
    SlotOrigin origin_; ///< of the home; a profile has its own besides
};

Result<void> observe_scandir(const supervise::Scandir& scandir, const store::Home& home,
                             const store::ProfileListing& listing, Observation& observation) {
    observation.supervisor_live = scandir.supervisor_live();
    auto slots = scandir.list();
    if (!slots) {
        return std::unexpected(slots.error());
    }
    if (!listing.incomplete) {
        observe_orphans(slots->slots, listing.names, scandir, home, observation);
    }
    observation.leftovers = std::move(slots->leftovers);
    return {};
}

} // namespace

ProfileObservation observation_of(const ProfileName& profile,
                                  const store::ProfileSnapshot& snapshot, bool record_is_live) {
    ProfileObservation seen;
    seen.known.name = profile;
    seen.known.facts = facts_of(snapshot);
    if (record_is_live) {
        // The record of a life that goes on reads as one that was killed.
        seen.known.facts.prior_exit = PriorExit::unknown;
        seen.known.facts.prior_exit_detail = "it runs";
    }
    seen.state_kept_aside = snapshot.state_kept_aside;
    seen.parking_ended_by = snapshot.parking_ended_by;
    const auto intent_file = snapshot.intent.intent_file.answer;
    if (intent_file == FileAnswer::corrupt || intent_file == FileAnswer::unreadable) {
        seen.findings.push_back(finding(FindingCode::unusable_intent_file, profile.str(),
                                        ".gateway-intent.json cannot be used"));
    }
    const auto& facts = seen.known.facts;
    if (facts.copied_from) {
        seen.findings.push_back(finding(FindingCode::copied_profile, Upkeep::boot_pass, profile,
                                        "its state and intent are those of '" + *facts.copied_from +
                                            "', of which it is a copy",
                                        "they count for nothing here"));
    }
    if (facts.state_answer == FileAnswer::unreadable && intent_file == FileAnswer::ok) {
        // It may hold a later word of another tool.
        seen.findings.push_back(finding(FindingCode::unusable_state_file, profile.str(),
                                        "the intent file decides alone", facts.state_problem));
    }
    observe_stale_files(snapshot, record_is_live, seen);
    if (!snapshot.service.problem.empty()) {
        seen.known.settings_known = false;
        seen.findings.push_back(finding(FindingCode::unusable_service_settings, profile.str(),
                                        snapshot.service.problem));
    }
    return seen;
}

namespace {

/// Whether another member has it, and so what its files say of a life.
void mark_elsewhere(const ContainerFacts& container, const own::Places& places,
                    KnownProfile& known) {
    known.facts.placed_elsewhere = places.elsewhere(known.name);
    if (container.foreign_owner || known.facts.placed_elsewhere) {
        // The record of a life that goes on there reads as one that was killed.
        known.facts.prior_exit = PriorExit::unknown;
        known.facts.prior_exit_detail.clear();
    }
}

} // namespace

Result<Observed> observe(const store::Home& home, const std::optional<supervise::Scandir>& scandir,
                         const Settings& settings, ContainerFacts container) {
    const auto account = store::account_of_home(home);
    Observed observed{{}, ProfileDirectories(home), own::Places::here(settings)};
    auto& facts = observed.facts;
    facts.container = std::move(container);
    facts.ports = settings.ports;
    auto listing = home.profiles();
    facts.invalid = std::move(listing.invalid);
    facts.profiles_unlistable = listing.incomplete;
    facts.findings = settings.findings;
    facts.findings.insert(facts.findings.end(), listing.findings.begin(), listing.findings.end());
    if (account.uid == 0) {
        facts.findings.push_back(finding(FindingCode::gateways_run_as_root, {},
                                         "the gateways of this home run as root",
                                         "GATEWAYCTL_USER asks for it"));
    }
    facts.scandir_exists = scandir.has_value();
    ProfileReader reader(home, settings, account);
    facts.profiles.resize(listing.names.size());
    std::vector<std::optional<sys::Directory>> opened(
        std::min(listing.names.size(), max_kept_directories));
    sys::for_each_side_by_side(listing.names.size(), [&](std::size_t i) {
        auto& seen = facts.profiles[i];
        seen = reader.read(listing.names[i], i < opened.size() ? &opened[i] : nullptr);
        seen.known.settings_known = seen.known.settings_known && !settings.unusable_config;
        mark_elsewhere(facts.container, observed.places, seen.known);
    });
    for (std::size_t i = 0; i < opened.size(); ++i) {
        if (opened[i]) {
            observed.directories.keep(listing.names[i], std::move(*opened[i]));
        }
    }
    if (reader.refused() > 0) {
        facts.findings.push_back(
            finding(FindingCode::volume_too_large, {},
                    fmt::format("{} files were not read", reader.refused()),
                    "the state and settings of this home are larger than one pass reads"));
    }
    if (scandir) {
        if (auto done = observe_scandir(*scandir, home, listing, facts); !done) {
            return std::unexpected(std::move(done.error()));
        }
    }
    return observed;
}

} // namespace gw::reconcile
