#include "store/planned_end.hpp"

#include "base/json_fields.hpp"
#include "store/state_file.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"

namespace gw::store {

Result<void> note_planned_end(sys::Effects& effects, const sys::Directory& profile,
                              const ProcessIdentity& process) {
    Json note = Json::object();
    note["pid"] = process.pid.value;
    note["start_time"] = process.start_time ? Json(process.start_time->ticks) : Json();
    note["boot_id"] = sys::now().boot_id;
    // It concerns a process of this boot only: it need not survive a power cut.
    return effects.replace_file(profile, planned_end_file_name, to_json_line(note),
                                sys::Durability::volatile_);
}

bool take_planned_end(sys::Effects& effects, const sys::Directory& profile) {
    const auto file = read_json_file(profile, planned_end_file_name);
    if (file.answer == FileAnswer::absent) {
        return false;
    }
    const auto pid = pid_field(file.object, "pid");
    ProcessIdentity process{pid.value_or(Pid{}), std::nullopt};
    if (const auto ticks = number_field<std::uint64_t>(file.object, "start_time")) {
        process.start_time = StartTime{*ticks};
    }
    if (pid && sys::is_alive(process)) {
        return false;
    }
    (void)clear_planned_end(effects, profile);
    return pid && text_field(file.object, "boot_id") == sys::now().boot_id;
}

Result<void> clear_planned_end(sys::Effects& effects, const sys::Directory& profile) {
    return effects.remove_file(profile, planned_end_file_name);
}

} // namespace gw::store
