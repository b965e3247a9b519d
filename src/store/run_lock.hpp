/// One gateway per profile: the run lock, and `gateway.pid`, which says who holds it.
#pragma once

#include "base/argv.hpp"
#include "base/process.hpp"
#include "sys/effects.hpp"
#include "sys/file_lock.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace gw::store {

inline constexpr const char* run_record_name = "gateway.pid";

/// How a holder came to its lock.
enum class Arrival { free, takeover };

/// `gateway.pid`.
struct RunRecord {
    ProcessIdentity process;
    std::string home;    ///< the profile's directory as the holder sees it
    std::string boot_id; ///< pids of another boot mean nothing
    Arrival arrival = Arrival::free;
};

/// nullopt when it is absent or names no process. A bare pid, as older gateways write it, is
/// accepted.
std::optional<RunRecord> judge_run_record(const sys::FileContent& content);
std::optional<RunRecord> read_run_record(const sys::Directory& profile);

/// Whether the very process of the record (pid and start time) runs now. A record without a start
/// time proves nothing.
bool is_live(const RunRecord& record);

/// A new instance of one profile replaces a live one, or fails when there is one.
enum class Replace { never, live_one };

struct RunClaim {
    Replace replace = Replace::never;
    /// How long the one that is replaced may take to end.
    std::chrono::milliseconds patience{0};
};

struct RunLock {
    sys::FileLock lock;
    Arrival arrival = Arrival::free;
};

/// Takes the run lock; the kernel gives it back when this process dies. Errc::conflict, with the
/// holder, when another gateway of this profile runs and is not to be replaced, is being replaced
/// by somebody else, or has itself replaced one less than `takeover_truce` ago. With
/// Replace::live_one the holder gets a takeover marker and SIGTERM; only a process of this user
/// whose record names this very directory is ever touched (field reports #30155, #60269).
Result<RunLock> claim_run(sys::Effects& effects, const sys::Directory& profile,
                          const RunClaim& claim);

/// Whether a process holds the profile as its gateway, wherever it runs: the kernel knows of locks
/// across containers. False where it cannot be known.
bool is_run_locked(const sys::Directory& profile);

/// Two supervisors that replace each other's gateway would do so for ever.
inline constexpr std::chrono::seconds takeover_truce{60};

/// Writes `gateway.pid` for this process.
Result<void> write_run_record(sys::Effects& effects, const sys::Directory& profile,
                              const ProcessIdentity& self, Arrival arrival, const Argv& command);

} // namespace gw::store
