/// How a gateway's lives end: `<profile>/state/gateway.lifecycle.json` and `.clean_shutdown`.
#pragma once

#include "base/process.hpp"
#include "rules/death_budget.hpp"
#include "rules/decision.hpp"
#include "rules/stop_end.hpp"
#include "rules/verdict.hpp"
#include "store/state_file.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gw::store {

inline constexpr const char* lifecycle_file_name = "state/gateway.lifecycle.json";
inline constexpr const char* clean_shutdown_file_name = ".clean_shutdown";

/// It holds one word.
inline constexpr std::size_t clean_shutdown_limit = 4096;

struct PriorLife {
    PriorExit exit = PriorExit::unknown;
    std::string detail; ///< "code 1", "signal 9", …; empty when nothing is known
};

/// How the last life ended. A record whose `phase` is running, found when nobody runs, is of a life
/// that died without reaching its end, so it was unclean. Without a record the `.clean_shutdown` of
/// a gateway that writes it itself answers (`note`, from judge_clean_shutdown).
PriorLife judge_prior_life(const JsonFile& record, const std::optional<std::string>& note);
PriorLife read_prior_life(const sys::Directory& profile);

/// What the gateway noted of its last stop; nullopt where it noted nothing that can be read.
std::optional<StopNote> read_stop_note(const sys::Directory& profile);

/// What `.clean_shutdown` says, be it that it cannot be read; nullopt when it is not there.
std::optional<std::string> judge_clean_shutdown(const sys::FileContent& content);

/// Whether the record is of the life of this very process, and that goes on.
bool is_record_of(const sys::Directory& profile, const ProcessIdentity& process);

/// A life that begins.
struct LifeBegin {
    ProcessIdentity process; ///< of `gatewayctl run`
    Pid child;
    PriorLife prior;                        ///< kept for `status`
    std::optional<std::uint64_t> oom_kills; ///< of the cgroup, before anything happened
};

/// A life that has ended.
struct LifeEnd {
    Verdict verdict;
    ChildEnd child;
    std::string detail;
    std::optional<std::uint64_t> oom_kills; ///< killed by the kernel during this life
};

/// Writes the record with `phase` running; it is durable when this returns.
Result<void> record_begin(sys::Effects& effects, const sys::Directory& profile,
                          const LifeBegin& begin);

/// Changes `phase` to exited, durable; what `record_begin` wrote stays in the record.
Result<void> record_end(sys::Effects& effects, const sys::Directory& profile, const LifeEnd& end);

/// Whether somebody had asked for the end that has come just now (`at`): by the cause in the
/// lifecycle record of `gatewayctl run`, however far the drain came; where there is no record, by
/// the `.clean_shutdown` of a gateway that came to its end.
bool was_asked_to_end(const sys::Directory& profile, WallTime at);

/// Completes a record that its own process could not complete, because it was killed.
Result<void> record_death(sys::Effects& effects, const sys::Directory& profile, const Death& death);

/// How far a stop came.
enum class StopProgress { draining, drained, timed_out };
std::string_view to_string(StopProgress progress);

/// Notes how far a stop has come. It is first written before any drain, and it is durable: a
/// SIGKILL after the supervisor's time limit cannot lose it (field report #27856).
Result<void> write_clean_shutdown(sys::Effects& effects, const sys::Directory& profile,
                                  StopProgress progress);

/// Removes the note. Only the start that owns the profile may do so (field report #69697).
Result<void> consume_clean_shutdown(sys::Effects& effects, const sys::Directory& profile);

} // namespace gw::store
