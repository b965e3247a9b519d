#include "store/leftovers.hpp"

#include "store/subdirectory.hpp"
#include "sys/replacement.hpp"

namespace gw::store {

namespace {

void collect(const std::vector<sys::DirectoryEntry>& entries, const std::string& prefix,
             std::vector<std::string>& found) {
    for (const auto& entry : entries) {
        if (found.size() < max_leftovers && entry.kind == sys::EntryKind::file &&
            sys::is_temporary_name(entry.name)) {
            found.push_back(prefix + entry.name);
        }
    }
}

} // namespace

std::vector<std::string> find_leftovers(const sys::Directory& profile,
                                        const std::vector<sys::DirectoryEntry>& entries) {
    std::vector<std::string> found;
    collect(entries, {}, found);
    for (const auto& entry : entries) {
        if (entry.name == state_directory && entry.kind == sys::EntryKind::directory) {
            const auto state = profile.find(state_directory);
            const auto inside =
                state && *state ? (*state)->list() : Result<std::vector<sys::DirectoryEntry>>{};
            if (inside) {
                collect(*inside, std::string(state_directory) + "/", found);
            }
        }
    }
    return found;
}

Result<void> remove_leftover(sys::Effects& effects, const sys::Directory& profile,
                             const std::string& relative) {
    const auto slash = relative.find('/');
    if (slash == std::string::npos) {
        return effects.remove_leftover(profile, relative);
    }
    const auto below = profile.find(relative.substr(0, slash));
    if (!below || !*below) {
        return below ? Result<void>{} : std::unexpected(below.error());
    }
    return effects.remove_leftover(**below, relative.substr(slash + 1));
}

void remove_leftovers(sys::Effects& effects, const sys::Directory& profile) {
    const auto entries = profile.list();
    if (!entries) {
        return;
    }
    for (const auto& relative : find_leftovers(profile, *entries)) {
        (void)remove_leftover(effects, profile, relative);
    }
}

} // namespace gw::store
