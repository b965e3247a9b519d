#include "store/holder.hpp"

#include "rules/gateway_command.hpp"
#include "rules/gateway_state.hpp"
#include "store/state_file.hpp"
#include "sys/file_lock.hpp"
#include "sys/processes.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace gw::store {

namespace {

bool is_of(const RunRecord& record, const sys::Directory& profile) {
    return record.home.empty() || sys::is_same_directory(record.home, profile.path());
}

/// The process of a file, if it is that very one that wrote it.
std::optional<Holder> by_record(const sys::Directory& profile, const char* file,
                                const char* known_from) {
    const auto record = read_run_record(profile, file);
    return record && is_live(*record) && is_of(*record, profile)
               ? std::optional(Holder{record->process, known_from, record->arrival})
               : std::nullopt;
}

/// A live process, known by what it was started for; never this one.
std::optional<Holder> by_command(const sys::Directory& profile, const ProcessIdentity& process,
                                 const char* known_from) {
    const auto live = sys::identity_of(process.pid);
    const bool recycled = live && process.start_time && live->start_time != process.start_time;
    if (!live || recycled || process.pid == Pid{::getpid()}) {
        return std::nullopt;
    }
    const auto command = parse_gateway_command(sys::command_line(process.pid));
    return command && serves(*command, profile.path()) ? std::optional(Holder{*live, known_from})
                                                       : std::nullopt;
}

std::optional<Holder> by_pid_file(const sys::Directory& profile) {
    const auto record = read_run_record(profile, pid_file_name);
    if (!record || !is_of(*record, profile)) {
        return std::nullopt;
    }
    // Without a home in it, it may have been copied along.
    const bool proves = record->process.start_time && !record->home.empty();
    return proves ? by_record(profile, pid_file_name, pid_file_name)
                  : by_command(profile, record->process, pid_file_name);
}

std::optional<Holder> by_state_file(const sys::Directory& profile) {
    const auto file = read_json_file(profile, state_file_name);
    const auto state =
        file.answer == FileAnswer::ok ? read_gateway_state(file.object) : GatewayState{};
    const bool ended = state.gateway_state == "stopped" || state.gateway_state == "startup_failed";
    return state.process && state.process->start_time && state.gateway_state && !ended
               ? by_command(profile, *state.process, state_file_name)
               : std::nullopt;
}

bool is_locked(const sys::Directory& profile, const char* lock) {
    return sys::FileLock::is_held(profile, lock).value_or(false);
}

} // namespace

bool is_run_locked(const sys::Directory& profile) {
    // Where the volume cannot lock, the record of its holder tells.
    const auto held = sys::FileLock::is_held(profile, run_lock_name);
    return held ? *held
                : held.error().code == Errc::unsupported &&
                      by_record(profile, run_record_name, run_lock_name);
}

std::optional<Holder> find_other_holder(const sys::Directory& profile) {
    if (is_locked(profile, other_lock_name)) {
        for (const char* file : {other_lock_name, pid_file_name}) {
            if (auto holder = by_record(profile, file, other_lock_name)) {
                return holder;
            }
        }
        return Holder{std::nullopt, other_lock_name};
    }
    auto holder = by_pid_file(profile);
    return holder ? std::move(holder) : by_state_file(profile);
}

std::optional<Holder> find_holder(const sys::Directory& profile) {
    if (is_run_locked(profile)) {
        auto holder = by_record(profile, run_record_name, run_lock_name);
        // An earlier version has named itself there.
        holder = holder ? std::move(holder) : by_record(profile, pid_file_name, run_lock_name);
        return holder.value_or(Holder{});
    }
    return find_other_holder(profile);
}

std::string describe(const Holder& holder) {
    const auto who = holder.process ? fmt::format("pid {}", holder.process->pid.value)
                                    : std::string("a process that is not in sight");
    const bool by_run_record = holder.process && holder.known_from == run_lock_name;
    return by_run_record ? who : fmt::format("{}, by {}", who, holder.known_from);
}

bool is_held(const sys::Directory& profile) {
    return is_run_locked(profile) || is_locked(profile, other_lock_name);
}

} // namespace gw::store
