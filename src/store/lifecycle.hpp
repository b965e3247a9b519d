/// What a gateway's lives leave of their ends: `<profile>/state/gateway.lifecycle.json` and
/// `.clean_shutdown`. What they prove is in rules/last_life.hpp.
#pragma once

#include "base/process.hpp"
#include "rules/death_budget.hpp"
#include "rules/last_life.hpp"
#include "rules/stop_end.hpp"
#include "rules/verdict.hpp"
#include "store/run_record.hpp"
#include "store/state_file.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gw::store {

inline constexpr const char* lifecycle_file_name = "state/gateway.lifecycle.json";
inline constexpr const char* clean_shutdown_file_name = ".clean_shutdown";

/// It holds two short lines.
inline constexpr std::size_t clean_shutdown_limit = 4096;

/// What the files say, each as far as it can be used, and is this profile's.
LifeTraces judge_traces(const JsonFile& record, const sys::FileContent& note,
                        const JsonFile& state_file);
/// With a record that has been read.
LifeTraces traces_beside(const sys::Directory& profile, const JsonFile& record);
LifeTraces read_traces(const sys::Directory& profile);

/// What the gateway noted of its last stop; nullopt where it noted nothing that can be read. Of
/// which life it is, the caller knows by when it was written.
std::optional<StopNote> read_stop_note(const sys::Directory& profile);

/// Whether the record is of the life of this very process, and that goes on.
bool is_record_of(const sys::Directory& profile, const ProcessIdentity& process);

/// A life that begins.
struct LifeBegin {
    RunningPair running;
    PriorLife prior;                        ///< kept for `status`
    std::optional<std::uint64_t> oom_kills; ///< of the cgroup, before anything happened
};

/// A life that has ended.
struct LifeEnd {
    RunningPair running;
    Verdict verdict;
    ChildEnd child;
    std::string detail;
    std::optional<std::uint64_t> oom_kills; ///< killed by the kernel during this life
};

/// Writes the record with `phase` running; it is durable when this returns.
Result<void> record_begin(sys::Effects& effects, const sys::Directory& profile,
                          const LifeBegin& begin);

/// Changes `phase` to exited, durable; what is in the record besides stays.
Result<void> record_end(sys::Effects& effects, const sys::Directory& profile, const LifeEnd& end);

/// Notes that the supervisor has told of an end: a record of this end has proved what it could; one
/// that its own process could not complete, because it was killed, is completed; and where that end
/// has left none there is one now. So no record ever speaks for two ends.
Result<void> record_told_end(sys::Effects& effects, const sys::Directory& profile,
                             const Death& death);

/// How far a stop came.
enum class StopProgress { draining, drained, timed_out };
std::string_view to_string(StopProgress progress);

/// The life of a process of this boot.
LifeName life_of(const ProcessIdentity& process);

/// Notes how far a stop of this life has come. It is first written before any drain, and it is
/// durable: a SIGKILL after the supervisor's time limit cannot lose it (field report #27856).
Result<void> write_clean_shutdown(sys::Effects& effects, const sys::Directory& profile,
                                  StopProgress progress, const ProcessIdentity& gateway);

/// Removes the note. Only the start that owns the profile may do so (field report #69697).
Result<void> consume_clean_shutdown(sys::Effects& effects, const sys::Directory& profile);

} // namespace gw::store
