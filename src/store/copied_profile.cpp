#include "store/copied_profile.hpp"

#include "store/intent_store.hpp"
#include "store/lifecycle.hpp"
#include "store/park.hpp"
#include "store/planned_end.hpp"
#include "store/profile_files.hpp"

#include <array>

namespace gw::store {

namespace {

/// The intent file last: by it the copy is known, should this be interrupted.
constexpr std::array<const char*, 5> records = {parked_file_name, deaths_file_name,
                                                lifecycle_file_name, planned_end_file_name,
                                                intent_file_name};

Result<void> remove(sys::Effects& effects, const sys::Directory& profile,
                    const std::string& relative) {
    const auto slash = relative.rfind('/');
    if (slash == std::string::npos) {
        return effects.remove_file(profile, relative);
    }
    const auto at = profile.find(relative.substr(0, slash));
    if (!at || !*at) {
        return at ? Result<void>{} : std::unexpected(at.error());
    }
    return effects.remove_file(**at, relative.substr(slash + 1));
}

} // namespace

Result<void> forget_original(sys::Effects& effects, const sys::Directory& profile) {
    const auto held = lock_intent(effects, profile);
    if (!held) {
        return std::unexpected(held.error());
    }
    const auto files = read_intent(profile);
    if (!files.copied_from) {
        return {};
    }
    if (auto done = take_possession(effects, profile, files); !done) {
        return done;
    }
    const auto here = place_of(profile);
    for (const char* name : records) {
        const auto file = read_json_file(profile, name);
        if (file.answer != FileAnswer::ok || of_this_profile(file, here).answer == FileAnswer::ok) {
            continue;
        }
        if (auto done = remove(effects, profile, name); !done) {
            return done;
        }
    }
    return {};
}

} // namespace gw::store
