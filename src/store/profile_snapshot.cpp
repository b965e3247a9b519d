#include "store/profile_snapshot.hpp"

#include "base/json_fields.hpp"
#include "store/state_file.hpp"
#include "store/subdirectory.hpp"

#include <algorithm>
#include <array>

namespace gw::store {

namespace {

/// Whether a file that the listing does not have is absent.
enum class Unlisted {
    absent,
    /// A gateway replaces it at any time, and a listing may miss a name that is being replaced
    /// (readdir(3)): what would be taken for absent decides whether a gateway runs.
    to_be_tried,
};

struct SmallFile {
    std::string name; ///< relative to the profile
    std::size_t limit = max_json_bytes;
    Unlisted unlisted = Unlisted::absent;
};

const std::array<SmallFile, 11>& small_files() {
    static const std::array<SmallFile, 11> files = {{
        {state_file_name, max_json_bytes, Unlisted::to_be_tried},
        {intent_file_name, max_json_bytes, Unlisted::to_be_tried},
        {service_settings_file_name},
        {run_record_name},
        {pid_file_name},
        {clean_shutdown_file_name, clean_shutdown_limit},
        {std::string(file_name_of(MarkerKind::planned_stop)), marker_limit},
        {std::string(file_name_of(MarkerKind::takeover)), marker_limit},
        {lifecycle_file_name},
        {parked_file_name},
        {deaths_file_name},
    }};
    return files;
}

bool lists(const std::vector<sys::DirectoryEntry>& entries, std::string_view relative) {
    const auto first = relative.substr(0, relative.find('/'));
    return std::any_of(entries.begin(), entries.end(),
                       [&](const auto& entry) { return entry.name == first; });
}

/// What can be told of a directory that cannot be listed.
std::vector<sys::DirectoryEntry> entries_one_by_one(const sys::Directory& profile) {
    std::vector<sys::DirectoryEntry> entries;
    const auto look = [&](const std::string& name) {
        if (const auto info = profile.info(name); info && *info) {
            entries.push_back({name, (*info)->kind});
        }
    };
    for (const auto& file : small_files()) {
        if (file.name.find('/') == std::string::npos) {
            look(file.name);
        }
    }
    look(process_list_name);
    return entries;
}

} // namespace

const sys::FileContent& ProfileFiles::content(std::string_view relative) const {
    static const sys::FileContent absent;
    const auto found = contents.find(relative);
    return found == contents.end() ? absent : found->second;
}

namespace {

sys::FileContent read_within(const sys::Directory& profile, const SmallFile& file,
                             ReadBudget& budget) {
    const auto payable =
        std::max(static_cast<std::size_t>(std::max(budget.left.load(), std::int64_t{0})),
                 ReadBudget::free_size);
    auto content = sys::read_file(profile, file.name, std::min(file.limit, payable));
    if (content.answer == sys::FileContent::Answer::too_large && payable < file.limit) {
        ++budget.refused;
        content.answer = sys::FileContent::Answer::unreadable;
        content.problem = "not read: the files of this home are larger than one pass reads";
    }
    if (content.bytes.size() > ReadBudget::free_size) {
        budget.left -= static_cast<std::int64_t>(content.bytes.size());
    }
    return content;
}

} // namespace

ProfileFiles read_profile_files(const sys::Directory& profile, ReadBudget& budget) {
    ProfileFiles files;
    files.path = profile.path();
    files.place = place_of(profile);
    auto entries = profile.list();
    for (const auto& file : small_files()) {
        if (!entries || file.unlisted == Unlisted::to_be_tried || lists(*entries, file.name)) {
            files.contents.emplace(file.name, read_within(profile, file, budget));
        }
    }
    files.entries = entries ? std::move(*entries) : entries_one_by_one(profile);
    return files;
}

namespace {

/// What has come since a parking, of what lies there.
std::optional<std::string> what_ended(const Parked& parked, const IntentFiles& intent,
                                      const LifeRecord& record) {
    const auto since = parse_rfc3339(parked.since);
    if (!since) {
        return std::nullopt;
    }
    AfterParking after{*since, record, intent.gateway.gateway_state, intent.gateway.updated_at, {}};
    if (intent.resolved.repair == IntentRepair::intent_file_follows) {
        after.foreign_intent =
            WallTime{std::chrono::microseconds(intent.state.info.changed_ns / 1000)};
    }
    return what_ended_parking(after);
}

/// Of a gateway of this profile, and not of the one that it is a copy of.
std::optional<RunRecord> record_here(const ProfileFiles& files, const char* name) {
    auto record = judge_run_record(files.content(name));
    const bool here =
        record && (record->home.empty() || sys::is_same_directory(record->home, files.path));
    return here ? std::move(record) : std::nullopt;
}

} // namespace

ProfileSnapshot judge_files(ProfileFiles files) {
    const auto json = [&](const char* name) { return judge_json(files.content(name)); };
    const auto own = [&](const char* name) { return of_this_profile(json(name), files.place); };
    const auto marker = [&](MarkerKind kind) {
        const std::string name(file_name_of(kind));
        return judge_marker_file(kind, files.path + "/" + name, files.content(name));
    };
    ProfileSnapshot snapshot;
    snapshot.intent = judge_intent(json(state_file_name), json(intent_file_name), files.place);
    snapshot.traces = judge_traces(own(lifecycle_file_name),
                                   files.content(clean_shutdown_file_name), snapshot.intent.state);
    snapshot.prior_life = judge_prior_life(snapshot.traces);
    snapshot.parked = judge_park(own(parked_file_name));
    if (snapshot.parked) {
        snapshot.parking_ended_by =
            what_ended(*snapshot.parked, snapshot.intent, snapshot.traces.record);
    }
    if (snapshot.parking_ended_by) {
        snapshot.parked.reset();
    }
    snapshot.deaths = judge_deaths(own(deaths_file_name));
    snapshot.service = judge_service_settings(json(service_settings_file_name), files.place);
    snapshot.run_record = record_here(files, run_record_name);
    snapshot.pid_file = record_here(files, pid_file_name);
    snapshot.planned_stop = marker(MarkerKind::planned_stop);
    snapshot.takeover = marker(MarkerKind::takeover);
    const auto& state = snapshot.intent.state;
    snapshot.state_kept_aside =
        text_field(state.object, "exit_reason") == state_was_corrupt ||
        (state.answer == FileAnswer::absent &&
         std::any_of(files.entries.begin(), files.entries.end(),
                     [](const auto& entry) { return is_corrupt_aside(entry.name); }));
    snapshot.entries = std::move(files.entries);
    return snapshot;
}

ProfileSnapshot read_snapshot(const sys::Directory& profile, ReadBudget& budget) {
    return judge_files(read_profile_files(profile, budget));
}

ProfileSnapshot read_snapshot(const sys::Directory& profile) {
    ReadBudget budget;
    return read_snapshot(profile, budget);
}

std::optional<Unregistration> unregistration_of(const ProfileSnapshot& snapshot) {
    const auto& record = snapshot.service.settings.unregistered;
    return record && still_counts(*record, snapshot.intent.resolved) ? record : std::nullopt;
}

ProfileFacts facts_of(const ProfileSnapshot& snapshot) {
    ProfileFacts facts;
    facts.state_answer = snapshot.intent.state.answer;
    facts.state_problem = snapshot.intent.state.problem;
    if (snapshot.state_kept_aside) {
        facts.state_answer = FileAnswer::corrupt;
        facts.state_problem = "a corrupt state file was kept aside and none has come since";
    }
    facts.state = snapshot.intent.gateway;
    facts.copied_from = snapshot.intent.copied_from;
    facts.intent = snapshot.intent.resolved;
    if (const auto record = unregistration_of(snapshot)) {
        facts.unregistered = to_text(*record);
    }
    facts.registered_again = snapshot.service.settings.unregistered && !facts.unregistered;
    if (snapshot.parked) {
        facts.parked = snapshot.parked->reason;
    }
    facts.prior_exit = snapshot.prior_life.exit;
    facts.prior_exit_detail = snapshot.prior_life.detail;
    return facts;
}

} // namespace gw::store
