#include "store/planned_end.hpp"

#include "base/json_fields.hpp"
#include "store/state_file.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"

namespace gw::store {

namespace {
constexpr const char* state_directory = "state";
constexpr const char* note_name = "gateway.planned-end.json";
constexpr const char* note_path = "state/gateway.planned-end.json";
} // namespace

Result<void> note_planned_end(sys::Effects& effects, const sys::Directory& profile,
                              const ProcessIdentity& process) {
    Json note = Json::object();
    note["pid"] = process.pid.value;
    note["start_time"] = process.start_time ? Json(process.start_time->ticks) : Json();
    note["boot_id"] = sys::now().boot_id;
    if (auto made = effects.make_directory(profile, state_directory, 0755); !made) {
        return made;
    }
    const auto state = profile.find(state_directory);
    if (!state || !*state) {
        return state ? fail(Errc::io, "cannot open " + profile.path_of(state_directory))
                     : std::unexpected(state.error());
    }
    // It concerns a process of this boot only: it need not survive a power cut.
    return effects.replace_file(**state, note_name, to_json_line(note), sys::Durability::volatile_);
}

bool take_planned_end(sys::Effects& effects, const sys::Directory& profile) {
    const auto file = read_json_file(profile, note_path);
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
    const auto state = profile.find(state_directory);
    if (!state || !*state) {
        return state ? Result<void>{} : std::unexpected(state.error());
    }
    return effects.remove_file(**state, note_name);
}

} // namespace gw::store
