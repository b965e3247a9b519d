/// Who holds a profile as its gateway, whichever implementation it is of.
#pragma once

#include "store/run_record.hpp"
#include "sys/directory.hpp"

#include <optional>
#include <string>

namespace gw::store {

/// The lock that `gatewayctl run` holds as long as it lives.
inline constexpr const char* run_lock_name = ".gateway-run.lock";
/// The one that a gateway of the Python implementation holds; who it is stands in it.
inline constexpr const char* other_lock_name = "gateway.lock";

struct Holder {
    /// Nullopt: it is not in sight, in another container perhaps.
    std::optional<ProcessIdentity> process;
    const char* known_from = run_lock_name; ///< the file
    Arrival arrival = Arrival::free;
};

/// First match wins. A file that a copy of a profile has brought along names another home, and says
/// nothing here:
///
/// | # | what is found                                                     | the holder           |
/// |---|-------------------------------------------------------------------|----------------------|
/// | 1 | the run lock is held (where locks do not work: its record lives)  | as its record says   |
/// | 2 | gateway.lock is held                                              | as it, or gateway.pid, says |
/// | 3 | gateway.pid names a live process, by pid and start time           | that one             |
/// | 4 | gateway.pid (a bare pid) or the state file names a live process   | that one             |
/// |   | whose command line is that of this profile's gateway              |                      |
std::optional<Holder> find_holder(const sys::Directory& profile);

/// Rows 2 to 4, for who has the run lock himself.
std::optional<Holder> find_other_holder(const sys::Directory& profile);

/// "pid 12"; "pid 12, by gateway.lock"; "a process that is not in sight, by gateway.lock".
std::string describe(const Holder& holder);

/// Whether a `gatewayctl run` holds the profile.
bool is_run_locked(const sys::Directory& profile);

/// Whether a process holds one of the two locks, wherever it runs: the kernel knows of locks across
/// containers. False where it cannot be known.
bool is_held(const sys::Directory& profile);

} // namespace gw::store
