#include "store/planned_end.hpp"

#include "base/json_fields.hpp"
#include "store/state_file.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"

namespace gw::store {

Result<void> note_planned_end(sys::Effects& effects, const sys::Directory& profile,
                              const ProcessIdentity& process) {
    Json note = Json::object();
    name_process(note, process);
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
    const auto process = process_field(file.object);
    if (process && sys::is_alive(*process)) {
        return false;
    }
    (void)clear_planned_end(effects, profile);
    return process && text_field(file.object, "boot_id") == sys::now().boot_id;
}

Result<void> clear_planned_end(sys::Effects& effects, const sys::Directory& profile) {
    return effects.remove_file(profile, planned_end_file_name);
}

} // namespace gw::store
