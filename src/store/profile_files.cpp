#include "store/profile_files.hpp"

#include "rules/gateway_state.hpp"
#include "store/holder.hpp"

namespace gw::store {

namespace {

constexpr const char* name_key = "belongs_to";
constexpr const char* earlier_name_key = "profile";

bool belongs_here(const std::optional<ProfilePlace>& named, const ProfilePlace& here) {
    return gw::belongs_here(named, here, named ? look_at(*named, here) : RecordedPath::here);
}

} // namespace

ProfilePlace place_of(const sys::Directory& profile) {
    return {profile_of_path(profile.path()), profile.path(), profile.identity()};
}

void name_profile(Json& file, const ProfilePlace& place) {
    file[name_key] = to_json(place);
}

std::optional<ProfilePlace> profile_named_in(const Json& file) {
    auto named = place_field(file, name_key);
    return named ? std::move(named) : place_field(file, earlier_name_key);
}

RecordedPath look_at(const ProfilePlace& named, const ProfilePlace& here) {
    if (named.path.empty() || named.path == here.path) {
        return RecordedPath::here;
    }
    const auto there = sys::Directory::open(named.path);
    if (!there) {
        return RecordedPath::vacant;
    }
    if (there->identity() == here.directory) {
        return RecordedPath::here;
    }
    for (const char* file : {intent_file_name, state_file_name}) {
        const auto other = profile_named_in(read_json_file(*there, file).object);
        // The number of the device may have changed since one of the two was written.
        const bool same_words = other && other->path == named.path && other->directory &&
                                named.directory &&
                                other->directory->inode == named.directory->inode;
        // A home that was moved by a copy may have left the old one behind, as a backup.
        if (same_words && (named.name != here.name || is_held(*there))) {
            return RecordedPath::original;
        }
    }
    return RecordedPath::vacant;
}

JsonFile of_this_profile(JsonFile file, const ProfilePlace& here) {
    const bool says_something = !file.empty && belongs_here(profile_named_in(file.object), here);
    return says_something ? std::move(file) : JsonFile{};
}

JsonFile read_own_file(const sys::Directory& profile, const char* relative) {
    return of_this_profile(read_json_file(profile, relative), place_of(profile));
}

std::optional<std::string> copied_state_of(const JsonFile& state, const JsonFile& intent_file,
                                           const ProfilePlace& here) {
    const auto beside = profile_named_in(intent_file.object);
    const bool intent_is_copied = !belongs_here(beside, here);
    auto named = profile_named_in(state.object);
    named = named ? std::move(named) : beside;
    if (state.answer != FileAnswer::ok || belongs_here(named, here)) {
        return std::nullopt;
    }
    const auto written = read_gateway_state(state.object).updated_at;
    const WallTime arrived{std::chrono::microseconds(intent_file.info.arrived_ns / 1000)};
    const bool written_here = intent_is_copied && written && *written > arrived;
    return written_here ? std::nullopt : std::optional(named->name);
}

} // namespace gw::store
