#include "store/subdirectory.hpp"

#include "store/profile_files.hpp"

namespace gw::store {

Result<sys::Directory> open_subdirectory(sys::Effects& effects, const sys::Directory& at,
                                         const char* name) {
    if (auto made = effects.make_directory(at, name, 0755); !made) {
        return std::unexpected(std::move(made.error()));
    }
    auto found = at.find(name);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    if (!*found) {
        return fail(Errc::io, at.path_of(name) + " has disappeared");
    }
    return std::move(**found);
}

Result<void> write_state_record(sys::Effects& effects, const sys::Directory& profile,
                                const char* name, const Json& record, sys::Durability durability) {
    const auto state = open_subdirectory(effects, profile, state_directory);
    Json named = record;
    name_profile(named, place_of(profile));
    const auto text = to_json_file(named);
    return state && text ? effects.replace_file(*state, name, *text, durability)
                         : std::unexpected(state ? text.error() : state.error());
}

} // namespace gw::store
