/// Who runs a profile's gateway, as files say it: `.gateway-run.json`, this tool's own, and
/// `gateway.pid`, in which gateways and tools of other kinds look for the gateway's own process.
#pragma once

#include "base/argv.hpp"
#include "base/process.hpp"
#include "sys/effects.hpp"

#include <optional>
#include <string>

namespace gw::store {

/// Written by whoever holds the run lock.
inline constexpr const char* run_record_name = ".gateway-run.json";
/// A courtesy: others write it, and remove it when it does not suit them.
inline constexpr const char* pid_file_name = "gateway.pid";

/// How a holder came to its lock.
enum class Arrival { free, takeover };

struct RunRecord {
    ProcessIdentity process; ///< behind `gatewayctl run`: in its own record it, in gateway.pid not
    std::string home;        ///< the profile's directory as the writer sees it; may be empty
    std::string boot_id;     ///< pids of another boot mean nothing
    /// Nor those of another container; empty where the writer does not tell. Two that start at the
    /// same time have processes of one pid that began in the same hundredth of a second.
    std::string pid_namespace;
    Arrival arrival = Arrival::free;
};

/// nullopt when it is absent or names no process. A bare pid, as older gateways write it, is
/// accepted.
std::optional<RunRecord> judge_run_record(const sys::FileContent& content);
/// `name` is one of the two, or another file in this form.
std::optional<RunRecord> read_run_record(const sys::Directory& profile,
                                         const char* name = run_record_name);

/// Whether the very process of the record (pid and start time) runs now. A record without a start
/// time proves nothing.
bool is_live(const RunRecord& record);

/// Who runs: this process, and the program behind it.
struct RunningPair {
    ProcessIdentity front;
    ProcessIdentity gateway;
};

/// Writes this tool's own record.
Result<void> write_run_record(sys::Effects& effects, const sys::Directory& profile,
                              const RunningPair& running, Arrival arrival, const Argv& command);

/// Names the gateway's own process in `gateway.pid`, unless it is there: a gateway that claims its
/// profile itself creates the file, and ends where it is there already.
Result<void> offer_pid_file(sys::Effects& effects, const sys::Directory& profile,
                            const RunningPair& running, const Argv& command);

/// Removes `gateway.pid` if it names this process, whoever wrote it.
Result<void> remove_pid_file_of(sys::Effects& effects, const sys::Directory& profile,
                                const ProcessIdentity& gateway);

} // namespace gw::store
