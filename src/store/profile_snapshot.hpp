/// A profile, read once: its directory is listed once, each of the small files in it is read at
/// most once, and everything that is said about the profile is judged from those bytes.
#pragma once

#include "rules/decision.hpp"
#include "store/intent_store.hpp"
#include "store/lifecycle.hpp"
#include "store/marker_file.hpp"
#include "store/park.hpp"
#include "store/run_record.hpp"
#include "store/service_settings_file.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::store {

/// What older gateways list their children in.
inline constexpr const char* process_list_name = "processes.json";

/// What lies in a profile's directory: a plain value, which a simulation can make up.
struct ProfileFiles {
    std::string path; ///< of the directory, for messages
    std::vector<sys::DirectoryEntry> entries;
    /// By path relative to the profile; what is not in the map is absent.
    std::map<std::string, sys::FileContent, std::less<>> contents;
    ProfilePlace place{};

    [[nodiscard]] const sys::FileContent& content(std::string_view relative) const;
};

/// How many bytes a pass over all profiles reads of files that are larger than they are in the
/// field: its time and memory must not be what the owner of a volume cares to make them. Shared by
/// the threads of a pass, each of which may be over it by the file that it reads.
struct ReadBudget {
    /// Files up to this size are always read, and cost nothing: recorded ones have less than 1 KiB.
    static constexpr std::size_t free_size = 4096;
    std::atomic<std::int64_t> left = std::int64_t{64} << 20U;
    std::atomic<std::size_t> refused = 0; ///< files that were not read
};

/// One listing, and the files that `ProfileSnapshot` is judged from, as far as the listing has
/// them; state and intent file are tried in any case, and so is each of them in a directory that
/// may be entered but not listed. A file that the budget does not pay for is unreadable.
ProfileFiles read_profile_files(const sys::Directory& profile, ReadBudget& budget);

/// What the files of a profile say, each part by the rule of its own header.
struct ProfileSnapshot {
    IntentFiles intent; ///< with the state file
    LifeTraces traces;
    PriorLife prior_life;
    std::optional<Parked> parked; ///< and still so
    /// There is the record of a parking, and this has ended it.
    std::optional<std::string> parking_ended_by;
    DeathTally deaths;
    ServiceSettingsAnswer service;
    std::optional<RunRecord> run_record; ///< this tool's own
    std::optional<RunRecord> pid_file;
    Result<std::optional<MarkerFile>> planned_stop; ///< an error: it cannot be read
    Result<std::optional<MarkerFile>> takeover;
    /// A corrupt state file was kept aside, and no other one has come since.
    bool state_kept_aside = false;
    std::vector<sys::DirectoryEntry> entries;
};

ProfileSnapshot judge_files(ProfileFiles files);

/// `judge_files` of what is there now.
ProfileSnapshot read_snapshot(const sys::Directory& profile);
/// As one of many that are read in one go.
ProfileSnapshot read_snapshot(const sys::Directory& profile, ReadBudget& budget);

/// That it was unregistered, as long as that counts.
std::optional<Unregistration> unregistration_of(const ProfileSnapshot& snapshot);

/// What the decision is made from.
ProfileFacts facts_of(const ProfileSnapshot& snapshot);

} // namespace gw::store
