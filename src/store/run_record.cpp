#include "store/run_record.hpp"

#include "base/json_fields.hpp"
#include "base/text.hpp"
#include "store/state_file.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"
#include "sys/self.hpp"

namespace gw::store {

namespace {

/// What older gateways write.
std::optional<RunRecord> bare_pid(std::string_view bytes) {
    constexpr std::size_t limit = 64;
    const auto pid = bytes.size() <= limit ? parse_pid(trimmed(bytes)) : std::nullopt;
    return pid ? std::optional(RunRecord{{*pid, std::nullopt}, {}, {}, {}, Arrival::free})
               : std::nullopt;
}

Json record_of(const ProcessIdentity& process, const sys::Directory& profile, const Argv& command) {
    Json record = Json::object();
    name_process(record, process);
    record["kind"] = "gatewayctl-run";
    record["argv"] = command;
    record["hermes_home"] = profile.path();
    record["boot_id"] = sys::now().boot_id;
    record["pid_namespace"] = sys::pid_namespace();
    return record;
}

} // namespace

std::optional<RunRecord> judge_run_record(const sys::FileContent& content) {
    const auto file = judge_json(content);
    if (file.answer != FileAnswer::ok) {
        return bare_pid(content.bytes);
    }
    const auto process = process_field(file.object);
    if (!process) {
        return std::nullopt;
    }
    // An earlier version called it `home`.
    auto home = text_field(file.object, "hermes_home");
    return RunRecord{*process, home.empty() ? text_field(file.object, "home") : std::move(home),
                     text_field(file.object, "boot_id"), text_field(file.object, "pid_namespace"),
                     text_field(file.object, "arrival") == "takeover" ? Arrival::takeover
                                                                      : Arrival::free};
}

std::optional<RunRecord> read_run_record(const sys::Directory& profile, const char* name) {
    return judge_run_record(sys::read_file(profile, name, max_json_bytes));
}

bool is_live(const RunRecord& record) {
    return sys::may_be_this_boot(record.boot_id) &&
           sys::may_be_this_pid_namespace(record.pid_namespace) && record.process.start_time &&
           sys::is_alive(record.process);
}

Result<void> write_run_record(sys::Effects& effects, const sys::Directory& profile,
                              const RunningPair& running, Arrival arrival, const Argv& command) {
    Json record = record_of(running.front, profile, command);
    record["gateway_pid"] = running.gateway.pid.value;
    record["arrival"] = arrival == Arrival::takeover ? "takeover" : "free";
    const auto text = to_json_file(record);
    return text ? effects.replace_file(profile, run_record_name, *text, sys::Durability::volatile_)
                : std::unexpected(text.error());
}

Result<void> offer_pid_file(sys::Effects& effects, const sys::Directory& profile,
                            const RunningPair& running, const Argv& command) {
    Json record = record_of(running.gateway, profile, command);
    record["front_pid"] = running.front.pid.value;
    const auto text = to_json_file(record);
    if (!text) {
        return std::unexpected(text.error());
    }
    sys::FileAttributes only_if_absent;
    only_if_absent.precondition = [&] { return !profile.has(pid_file_name); };
    auto written = effects.replace_file(profile, pid_file_name, *text, sys::Durability::volatile_,
                                        only_if_absent);
    return written || written.error().code == Errc::conflict ? Result<void>{} : written;
}

Result<void> remove_pid_file_of(sys::Effects& effects, const sys::Directory& profile,
                                const ProcessIdentity& gateway) {
    const auto record = read_run_record(profile, pid_file_name);
    return record && record->process.pid == gateway.pid
               ? effects.remove_file(profile, pid_file_name)
               : Result<void>{};
}

} // namespace gw::store
