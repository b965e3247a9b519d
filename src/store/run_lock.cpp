#include "store/run_lock.hpp"

#include "store/marker_file.hpp"
#include "sys/child.hpp"
#include "sys/processes.hpp"
#include "sys/waiting.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace gw::store {

namespace {

/// Held while a live gateway is replaced, so that there are never two evictors.
constexpr const char* replace_lock_name = ".gateway-replace.lock";
constexpr std::chrono::milliseconds at_once{0};
/// Who only looks whether the lock is held (is_held) must not make a start fail.
constexpr std::chrono::milliseconds longest_look{100};
/// The kernel has released a dead holder's lock at the latest when its exit is complete.
constexpr std::chrono::seconds release_deadline{5};

Result<void> refuse_unless_ours(const sys::Directory& profile, const Holder& holder) {
    const auto info = sys::process_info(holder.process->pid);
    if (!info || info->uid != ::geteuid()) {
        return fail(
            Errc::conflict,
            fmt::format("{} is not a gateway of this user: it is not replaced", describe(holder)));
    }
    const auto reader = marker_reader(holder.process->pid, profile);
    if (holder.arrival == Arrival::takeover && reader && reader->started_since_boot &&
        reader->now.since_boot - *reader->started_since_boot < takeover_truce) {
        return fail(Errc::conflict,
                    fmt::format("pid {} has replaced another gateway of this profile less than {} "
                                "s ago: two supervisors seem to fight for it",
                                holder.process->pid.value, takeover_truce.count()),
                    "gatewayctl status");
    }
    return {};
}

/// Ends the live holder. The caller has the replace lock.
Result<void> evict(sys::Effects& effects, const sys::Directory& profile, const Holder& holder,
                   std::chrono::milliseconds patience) {
    if (!holder.process) {
        return fail(Errc::conflict, "the profile is held by " + describe(holder),
                    "fuser -v " + profile.path_of(holder.known_from));
    }
    if (auto ours = refuse_unless_ours(profile, holder); !ours) {
        return ours;
    }
    const auto& process = *holder.process;
    if (auto written =
            write_marker(effects, profile, MarkerKind::takeover,
                         {process, "gatewayctl run --replace", "takeover", profile.path()});
        !written) {
        // Without the note the old one calls its end unplanned; its supervisor would bring it back.
        return written;
    }
    sys::send_signal(process, SIGTERM);
    if (!sys::wait_until_dead(process, patience)) {
        return fail(Errc::timed_out,
                    fmt::format("pid {} has not ended within {} s after the takeover was asked for",
                                process.pid.value, patience.count() / 1000),
                    "gatewayctl status");
    }
    return {};
}

/// What an earlier holder has left there would keep a gateway that claims the profile itself from
/// running.
RunLock taken(sys::Effects& effects, const sys::Directory& profile, sys::FileLock lock,
              Arrival arrival) {
    (void)effects.remove_file(profile, pid_file_name);
    return {std::move(lock), arrival};
}

/// Takes the place of a live holder.
Result<RunLock> replace_holder(sys::Effects& effects, const sys::Directory& profile,
                               std::optional<sys::FileLock> lock,
                               std::chrono::milliseconds patience) {
    const auto evictor = sys::FileLock::acquire(effects, profile, replace_lock_name, at_once);
    if (!evictor) {
        return evictor.error().code == Errc::timed_out
                   ? fail(Errc::conflict, "another instance is replacing this profile's gateway")
                   : std::unexpected(evictor.error());
    }
    // Looked at again: the holder may have been replaced, or have ended, meanwhile.
    const auto holder = lock ? find_other_holder(profile) : find_holder(profile);
    if (holder) {
        if (auto evicted = evict(effects, profile, *holder, patience); !evicted) {
            return std::unexpected(evicted.error());
        }
    }
    if (!lock) {
        auto freed = sys::FileLock::acquire(effects, profile, run_lock_name, release_deadline);
        if (!freed) {
            return std::unexpected(freed.error());
        }
        lock.emplace(std::move(*freed));
    }
    (void)sys::poll_until(sys::Deadline(release_deadline),
                          [&] { return !find_other_holder(profile); });
    return taken(effects, profile, std::move(*lock), holder ? Arrival::takeover : Arrival::free);
}

} // namespace

Result<RunLock> claim_run(sys::Effects& effects, const sys::Directory& profile,
                          const RunClaim& claim) {
    auto lock = sys::FileLock::acquire(effects, profile, run_lock_name, longest_look);
    if (!lock && lock.error().code != Errc::timed_out) {
        return std::unexpected(lock.error());
    }
    // A lock that keeps nobody out does not tell that there is no other one.
    const bool mine = lock && lock->excludes();
    const auto holder = mine ? find_other_holder(profile) : find_holder(profile);
    if (lock && !holder) {
        return taken(effects, profile, std::move(*lock), Arrival::free);
    }
    if (claim.replace == Replace::never) {
        return fail(Errc::conflict,
                    "a gateway of this profile runs already: " +
                        describe(holder.value_or(Holder{})),
                    "gatewayctl run --replace takes its place");
    }
    return replace_holder(effects, profile, mine ? std::optional(std::move(*lock)) : std::nullopt,
                          claim.patience);
}

} // namespace gw::store
