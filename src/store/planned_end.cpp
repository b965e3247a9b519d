#include "store/planned_end.hpp"

#include "base/json_fields.hpp"
#include "base/text.hpp"
#include "store/profile_files.hpp"
#include "store/required_records.hpp"
#include "sys/clock.hpp"
#include "sys/log.hpp"
#include "sys/processes.hpp"

namespace gw::store {

Result<void> note_planned_end(sys::Effects& effects, const sys::Directory& profile,
                              const ProcessIdentity& process,
                              const std::optional<IntentChange>& intent) {
    Json note = Json::object();
    name_process(note, process);
    note["boot_id"] = sys::now().boot_id;
    name_profile(note, place_of(profile));
    if (intent) {
        note["wanted"] = to_string(intent->wanted);
        note["generation"] = intent->generation;
    }
    // It concerns a process of this boot only: it need not survive a power cut.
    return effects.replace_file(profile, planned_end_file_name, to_json_line(note),
                                sys::Durability::volatile_);
}

namespace {

/// The intent that the note was for.
std::optional<IntentChange> intent_of(const Json& note) {
    const auto wanted = parse_desired(text_field(note, "wanted")).state;
    const auto generation = number_field<std::uint64_t>(note, "generation");
    if (!wanted || !generation) {
        return std::nullopt;
    }
    IntentChange change;
    change.wanted = *wanted;
    change.generation = *generation;
    return change;
}

} // namespace

Result<bool> take_planned_end(sys::Effects& effects, const sys::Directory& profile) {
    const auto file = require_own_file(profile, planned_end_file_name);
    if (!file) {
        return std::unexpected(file.error());
    }
    if (file->answer == FileAnswer::absent) {
        return false;
    }
    const auto process = process_field(file->object);
    if (process && sys::is_alive(*process)) {
        return false;
    }
    (void)clear_planned_end(effects, profile);
    if (!process || !sys::may_be_this_boot(text_field(file->object, "boot_id"))) {
        return false;
    }
    if (const auto intent = intent_of(file->object)) {
        if (auto confirmed = confirm_intent(effects, profile, *intent); !confirmed) {
            sys::log_warning("the intent could not be looked at again: " +
                             printable(confirmed.error().message));
        }
    }
    return true;
}

Result<void> clear_planned_end(sys::Effects& effects, const sys::Directory& profile) {
    return effects.remove_file(profile, planned_end_file_name);
}

} // namespace gw::store
