#include "store/intent_store.hpp"

#include "base/json_fields.hpp"
#include "sys/caller.hpp"
#include "sys/clock.hpp"
#include "sys/file_lock.hpp"

#include <algorithm>
#include <chrono>
#include <unistd.h>

namespace gw::store {

namespace {

constexpr const char* lock_name = ".gateway-intent.lock";
/// Longest wait for another writer of the same profile's intent; a write takes milliseconds.
constexpr std::chrono::seconds lock_deadline{10};

IntentFacts to_facts(const JsonFile& file) {
    IntentFacts facts;
    facts.answer = file.answer;
    facts.changed = file.info.changed_ns;
    if (file.answer != FileAnswer::ok) {
        return facts;
    }
    const auto desired = file.object.find("desired_state");
    if (desired == file.object.end() || !desired->is_string()) {
        facts.answer = FileAnswer::corrupt;
        return facts;
    }
    facts.desired = parse_desired(word_of(*desired));
    facts.generation = number_field<std::uint64_t>(file.object, "generation").value_or(0);
    facts.provenance = {text_field(file.object, "program"), text_field(file.object, "reason"),
                        text_field(file.object, "note"), text_field(file.object, "changed_at"),
                        author_field(file.object, "")};
    return facts;
}

Result<void> write_intent_file(sys::Effects& effects, const sys::Directory& profile,
                               std::string_view desired, std::uint64_t generation,
                               const Provenance& provenance,
                               sys::Durability durability = sys::Durability::durable) {
    Json file = Json::object();
    name_profile(file, place_of(profile));
    file["desired_state"] = desired;
    file["generation"] = generation;
    file["changed_at"] = provenance.changed_at;
    add_author(file, "", provenance.author);
    file["pid"] = ::getpid();
    file["program"] = provenance.program;
    file["reason"] = provenance.reason;
    if (!provenance.note.empty()) {
        file["note"] = provenance.note;
    }
    return effects.replace_file(profile, intent_file_name, to_json_line(file), durability);
}

Result<void> write_mirror(sys::Effects& effects, const sys::Directory& profile,
                          std::string_view desired, std::uint64_t generation,
                          sys::Durability durability = sys::Durability::durable) {
    const auto edit = [&](Json& file) {
        file["desired_state"] = desired;
        file["desired_generation"] = generation;
    };
    return edit_state_file(effects, profile, edit, durability);
}

/// Neither of them may hold something that could not be read.
bool are_all_read(const IntentFiles& files) {
    const auto is_read = [](FileAnswer answer) {
        return answer == FileAnswer::absent || answer == FileAnswer::ok;
    };
    return is_read(files.intent_file.answer) && is_read(files.state.answer);
}

/// Above that of every intent there was. The one of a file that could not be read is not known: it
/// counts changes, and the seconds since 1970 are more than any gateway sees.
std::uint64_t next_generation(const IntentFiles& files) {
    const auto known = std::max(files.resolved.generation, files.intent_file.generation);
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(sys::now().wall.time_since_epoch())
            .count();
    const auto unknown =
        are_all_read(files) ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(0, seconds));
    return std::max(known, unknown) + 1;
}

bool has_outdated_name(const JsonFile& file, const ProfilePlace& place) {
    const auto named = profile_named_in(file.object);
    return named && is_outdated(*named, place, look_at(*named, place));
}

} // namespace

Result<sys::FileLock> lock_intent(sys::Effects& effects, const sys::Directory& profile) {
    return sys::FileLock::acquire(effects, profile, lock_name, lock_deadline);
}

Result<void> take_possession(sys::Effects& effects, const sys::Directory& profile,
                             const IntentFiles& files) {
    return files.copied_from && profile.has(state_file_name)
               ? edit_state_file(effects, profile, [](Json& /*file*/) {})
               : Result<void>{};
}

Provenance provenance_now(std::string program, std::string reason, std::string note) {
    return {std::move(program), std::move(reason), std::move(note), to_rfc3339(sys::now().wall),
            sys::author()};
}

IntentFiles judge_intent(JsonFile state, JsonFile intent_file, const ProfilePlace& place) {
    IntentFiles files;
    const auto named = profile_named_in(intent_file.object);
    files.copied_from = copied_state_of(state, intent_file, place);
    files.state = files.copied_from ? JsonFile{} : std::move(state);
    intent_file = of_this_profile(std::move(intent_file), place);
    if (named && intent_file.answer == FileAnswer::absent) {
        files.copied_from = named->name;
    }
    files.intent_file = to_facts(intent_file);
    if (files.state.answer == FileAnswer::ok) {
        files.gateway = read_gateway_state(files.state.object);
    }
    files.resolved = resolve_intent({files.state.answer, files.gateway.desired,
                                     files.gateway.desired_generation, files.state.info.changed_ns},
                                    files.intent_file);
    const bool may_stay = files.resolved.repair != IntentRepair::intent_file_follows &&
                          files.resolved.kind != Intent::Kind::unknown;
    if (may_stay &&
        (has_outdated_name(intent_file, place) || has_outdated_name(files.state, place))) {
        files.resolved.repair = IntentRepair::both_are_named_anew;
    }
    return files;
}

IntentFiles read_intent(const sys::Directory& profile) {
    return judge_intent(read_json_file(profile, state_file_name),
                        read_json_file(profile, intent_file_name), place_of(profile));
}

Result<IntentChange> record_intent(sys::Effects& effects, const sys::Directory& profile,
                                   DesiredState wanted, const Provenance& provenance) {
    const auto held = lock_intent(effects, profile);
    if (!held) {
        return std::unexpected(held.error());
    }
    const auto files = read_intent(profile);
    (void)take_possession(effects, profile, files); // a state file that is corrupt stays so
    IntentChange change;
    change.wanted = wanted;
    change.before_is_known = files.intent_file.answer == FileAnswer::ok ||
                             files.gateway.desired.has_value() || are_all_read(files);
    if (change.before_is_known && files.resolved.kind != Intent::Kind::none) {
        change.before = files.resolved.text;
    }
    change.before_by = provenance_of(files.resolved, files.intent_file).value_or(Provenance{});
    change.generation = next_generation(files);
    if (auto written = write_intent_file(effects, profile, to_string(wanted), change.generation,
                                         provenance, sys::Durability::durable_with_the_next);
        !written) {
        return std::unexpected(std::move(written.error()).within("cannot record the intent"));
    }
    if (auto mirrored = write_mirror(effects, profile, to_string(wanted), change.generation);
        !mirrored) {
        change.mirror_problem = mirrored.error().message;
        effects.sync_directory(profile);
    }
    return change;
}

Result<void> adopt_intent(sys::Effects& effects, const sys::Directory& profile,
                          const Provenance& provenance) {
    const auto held = lock_intent(effects, profile);
    if (!held) {
        return std::unexpected(held.error());
    }
    const auto files = read_intent(profile);
    if (files.resolved.kind != Intent::Kind::none) {
        return {};
    }
    (void)take_possession(effects, profile, files);
    // The intent is new; the mirror replaces the last state, which a power cut before the flush of
    // the whole pass must not take away.
    constexpr auto flushed_later = sys::Durability::volatile_;
    constexpr auto replaces = sys::Durability::durable_with_the_next;
    constexpr std::uint64_t first_generation = 1;
    const auto running = to_string(DesiredState::running);
    auto written =
        write_intent_file(effects, profile, running, first_generation, provenance, flushed_later);
    return written ? write_mirror(effects, profile, running, first_generation, replaces) : written;
}

Result<void> give_intent_back(sys::Effects& effects, const sys::Directory& profile,
                              const IntentChange& change) {
    const auto held = lock_intent(effects, profile);
    if (!held) {
        return std::unexpected(held.error());
    }
    if (!change.before_is_known) {
        return fail(Errc::io, "what it was before could not be read");
    }
    const auto files = read_intent(profile);
    if (files.intent_file.answer == FileAnswer::unreadable) {
        return fail(Errc::io, std::string(intent_file_name) + " cannot be read");
    }
    if (files.intent_file.generation != change.generation) {
        return {};
    }
    if (!change.before) {
        // No intent before: both files lose it again.
        if (auto removed = effects.remove_file(profile, intent_file_name); !removed) {
            return removed;
        }
        return files.state.answer == FileAnswer::ok
                   ? edit_state_file(effects, profile,
                                     [](Json& file) {
                                         file.erase("desired_state");
                                         file.erase("desired_generation");
                                     })
                   : Result<void>{};
    }
    const auto generation = change.generation + 1;
    if (auto written =
            write_intent_file(effects, profile, *change.before, generation, change.before_by);
        !written) {
        return written;
    }
    return write_mirror(effects, profile, *change.before, generation);
}

namespace {

/// The repair itself; the caller holds the lock.
Result<void> repair(sys::Effects& effects, const sys::Directory& profile,
                    const IntentFiles& files) {
    switch (files.resolved.repair) {
    case IntentRepair::none:
        return {};
    case IntentRepair::mirror_follows:
        return write_mirror(effects, profile, files.resolved.text, files.resolved.generation);
    case IntentRepair::both_are_named_anew: {
        // Each of them is named when it is written.
        if (files.intent_file.answer != FileAnswer::ok) {
            return edit_state_file(effects, profile, [](Json& /*file*/) {});
        }
        auto written = write_intent_file(effects, profile, files.resolved.text,
                                         files.resolved.generation, files.intent_file.provenance);
        const bool may_follow =
            files.state.answer == FileAnswer::ok || files.state.answer == FileAnswer::absent;
        return written && may_follow
                   ? write_mirror(effects, profile, files.resolved.text, files.resolved.generation)
                   : written;
    }
    case IntentRepair::intent_file_follows: {
        const auto generation = next_generation(files);
        auto by = provenance_of(files.resolved, files.intent_file).value_or(Provenance{});
        by.changed_at = to_rfc3339(sys::now().wall);
        if (auto written = write_intent_file(effects, profile, files.resolved.text, generation, by);
            !written) {
            return written;
        }
        return write_mirror(effects, profile, files.resolved.text, generation);
    }
    }
    return {};
}

} // namespace

Result<void> repair_intent(sys::Effects& effects, const sys::Directory& profile) {
    const auto held = lock_intent(effects, profile);
    return held ? repair(effects, profile, read_intent(profile)) : std::unexpected(held.error());
}

Result<void> confirm_intent(sys::Effects& effects, const sys::Directory& profile,
                            const IntentChange& change) {
    const auto held = lock_intent(effects, profile);
    if (!held) {
        return std::unexpected(held.error());
    }
    const auto files = read_intent(profile);
    if (files.intent_file.answer == FileAnswer::unreadable) {
        return fail(Errc::io, std::string(intent_file_name) + " cannot be read");
    }
    const bool ours = files.intent_file.generation == change.generation;
    const bool ageless = files.gateway.desired && !files.gateway.desired_generation;
    if (!ours || !ageless) {
        return repair(effects, profile, files);
    }
    // A new intent file is also the newer of the two, for whoever compares their times.
    const auto generation = change.generation + 1;
    if (auto written = write_mirror(effects, profile, to_string(change.wanted), generation);
        !written) {
        return written;
    }
    return write_intent_file(effects, profile, to_string(change.wanted), generation,
                             files.intent_file.provenance);
}

std::optional<std::string> intent_word(const Intent& intent) {
    switch (intent.kind) {
    case Intent::Kind::none:
        return std::nullopt;
    case Intent::Kind::unreadable:
        return "(unreadable)";
    default:
        return intent.text;
    }
}

} // namespace gw::store
