#include "store/run_lock.hpp"

#include "base/json_fields.hpp"
#include "base/text.hpp"
#include "store/marker_file.hpp"
#include "store/state_file.hpp"
#include "sys/child.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace gw::store {

namespace {

constexpr const char* lock_name = ".gateway-run.lock";
/// Held while a live gateway is replaced, so that there are never two evictors.
constexpr const char* replace_lock_name = ".gateway-replace.lock";
constexpr std::chrono::milliseconds at_once{0};
/// Who only looks whether the lock is held (is_run_locked) must not make a start fail.
constexpr std::chrono::milliseconds longest_look{100};
/// The kernel has released a dead holder's lock at the latest when its exit is complete.
constexpr std::chrono::seconds release_deadline{5};

/// What older gateways write.
std::optional<RunRecord> bare_pid(std::string_view bytes) {
    constexpr std::size_t limit = 64;
    const auto pid = bytes.size() <= limit ? parse_pid(trimmed(bytes)) : std::nullopt;
    return pid ? std::optional(RunRecord{{*pid, std::nullopt}, {}, {}, Arrival::free})
               : std::nullopt;
}

} // namespace

std::optional<RunRecord> judge_run_record(const sys::FileContent& content) {
    const auto file = judge_json(content);
    if (file.answer != FileAnswer::ok) {
        return bare_pid(content.bytes);
    }
    const auto pid = pid_field(file.object, "pid");
    if (!pid) {
        return std::nullopt;
    }
    RunRecord record;
    record.process.pid = *pid;
    if (const auto ticks = number_field<std::uint64_t>(file.object, "start_time")) {
        record.process.start_time = StartTime{*ticks};
    }
    record.home = text_field(file.object, "home");
    record.boot_id = text_field(file.object, "boot_id");
    record.arrival =
        text_field(file.object, "arrival") == "takeover" ? Arrival::takeover : Arrival::free;
    return record;
}

std::optional<RunRecord> read_run_record(const sys::Directory& profile) {
    return judge_run_record(sys::read_file(profile, run_record_name, max_json_bytes));
}

bool is_live(const RunRecord& record) {
    const bool this_boot = record.boot_id.empty() || record.boot_id == sys::now().boot_id;
    return this_boot && record.process.start_time && sys::is_alive(record.process);
}

namespace {

std::string describe_holder(const std::optional<RunRecord>& record) {
    return record && is_live(*record) ? fmt::format("pid {}", record->process.pid.value)
                                      : std::string("a process that gateway.pid does not name");
}

Result<void> refuse_unless_ours(const sys::Directory& profile, const RunRecord& record) {
    const auto info = sys::process_info(record.process.pid);
    if (!info || info->uid != ::geteuid() || !sys::is_same_directory(record.home, profile.path())) {
        return fail(Errc::conflict,
                    fmt::format("pid {} is not this profile's gateway of this user (it runs for "
                                "'{}'): it is not replaced",
                                record.process.pid.value, printable(record.home)));
    }
    const auto reader = marker_reader(record.process.pid, profile);
    if (record.arrival == Arrival::takeover && reader && reader->started_since_boot &&
        reader->now.since_boot - *reader->started_since_boot < takeover_truce) {
        return fail(Errc::conflict,
                    fmt::format("pid {} has replaced another gateway of this profile less than {} "
                                "s ago: two supervisors seem to fight for it",
                                record.process.pid.value, takeover_truce.count()),
                    "gatewayctl status");
    }
    return {};
}

/// Where the volume cannot lock, the record alone tells whether somebody runs.
bool holder_lives(const sys::Directory& profile) {
    const auto record = read_run_record(profile);
    return record && is_live(*record);
}

/// Ends the live holder. The caller has the replace lock.
Result<void> evict(sys::Effects& effects, const sys::Directory& profile,
                   std::chrono::milliseconds patience) {
    const auto record = read_run_record(profile);
    if (!record || !is_live(*record)) {
        return fail(Errc::conflict, "the run lock is held by " + describe_holder(record),
                    "fuser -v " + profile.path_of(lock_name));
    }
    if (auto ours = refuse_unless_ours(profile, *record); !ours) {
        return ours;
    }
    if (auto written =
            write_marker(effects, profile, MarkerKind::takeover,
                         {record->process, "gatewayctl run --replace", "takeover", profile.path()});
        !written) {
        // Without the note the old one calls its end unplanned; its supervisor would bring it back.
        return written;
    }
    sys::send_signal(record->process, SIGTERM);
    if (!sys::wait_until_dead(record->process, patience)) {
        return fail(Errc::timed_out,
                    fmt::format("pid {} has not ended within {} s after the takeover was asked for",
                                record->process.pid.value, patience.count() / 1000),
                    "gatewayctl status");
    }
    return {};
}

} // namespace

Result<RunLock> claim_run(sys::Effects& effects, const sys::Directory& profile,
                          const RunClaim& claim) {
    auto lock = sys::FileLock::acquire(effects, profile, lock_name, longest_look);
    if (!lock && lock.error().code != Errc::timed_out) {
        return std::unexpected(lock.error());
    }
    if (lock && (lock->excludes() || !holder_lives(profile))) {
        return RunLock{std::move(*lock), Arrival::free};
    }
    if (claim.replace == Replace::never) {
        return fail(Errc::conflict,
                    "a gateway of this profile runs already: " +
                        describe_holder(read_run_record(profile)),
                    "gatewayctl run --replace takes its place");
    }
    const auto evictor = sys::FileLock::acquire(effects, profile, replace_lock_name, at_once);
    if (!evictor) {
        return evictor.error().code == Errc::timed_out
                   ? fail(Errc::conflict, "another instance is replacing this profile's gateway")
                   : std::unexpected(evictor.error());
    }
    if (auto evicted = evict(effects, profile, claim.patience); !evicted) {
        return std::unexpected(evicted.error());
    }
    auto freed = sys::FileLock::acquire(effects, profile, lock_name, release_deadline);
    if (!freed) {
        return std::unexpected(freed.error());
    }
    return RunLock{std::move(*freed), Arrival::takeover};
}

bool is_run_locked(const sys::Directory& profile) {
    const auto held = sys::FileLock::is_held(profile, lock_name);
    // Where the volume cannot lock, the record that the holder has left tells.
    return held ? *held : held.error().code == Errc::unsupported && holder_lives(profile);
}

Result<void> write_run_record(sys::Effects& effects, const sys::Directory& profile,
                              const ProcessIdentity& self, Arrival arrival, const Argv& command) {
    Json record = Json::object();
    record["pid"] = self.pid.value;
    if (self.start_time) {
        record["start_time"] = self.start_time->ticks;
    }
    record["kind"] = "gatewayctl-run";
    record["argv"] = command;
    record["home"] = profile.path();
    record["boot_id"] = sys::now().boot_id;
    record["arrival"] = arrival == Arrival::takeover ? "takeover" : "free";
    const auto text = to_json_file(record);
    return text ? effects.replace_file(profile, run_record_name, *text, sys::Durability::volatile_)
                : std::unexpected(text.error());
}

} // namespace gw::store
