#include "store/home.hpp"

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "rules/findings.hpp"
#include "rules/slot_spec.hpp"
#include "store/intent_store.hpp"
#include "store/state_file.hpp"
#include "sys/accounts.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>

namespace gw::store {

namespace {
constexpr const char* profiles_directory = "profiles";
} // namespace

std::string root_of(const std::string& home) {
    // A relative path that cannot be resolved fails when it is opened.
    const boost::filesystem::path path = sys::absolute_path(home).value_or(home);
    if (path.parent_path().filename() == profiles_directory) {
        return path.parent_path().parent_path().string();
    }
    return path.string();
}

Error unusable_home(Error error) {
    error.code = error.code == Errc::not_permitted ? error.code : Errc::bad_config;
    return std::move(error)
        .within("cannot use the home")
        .advise("set HERMES_HOME or --home to the volume's directory");
}

Result<Home> Home::open(const std::string& path) {
    auto directory = sys::Directory::open(root_of(path));
    if (!directory) {
        return std::unexpected(unusable_home(std::move(directory.error())));
    }
    const std::string spelled = directory->path();
    auto home = std::move(*directory).by_its_real_path();
    // What a symlink has led to may be somebody's profile.
    return home.path() == spelled ? Home(std::move(home)) : open(home.path());
}

std::string Home::path_of(const ProfileName& profile) const {
    return profile_directory(path(), profile);
}

Result<std::optional<sys::Directory>> Home::find(const ProfileName& profile) const {
    if (profile.is_root()) {
        return directory_.find(".");
    }
    const auto relative = std::string(profiles_directory) + "/" + profile.str();
    auto found = directory_.find_through_own_links(relative);
    if (!found || !*found || (*found)->path() == directory_.path_of(relative)) {
        return found;
    }
    const boost::filesystem::path target((*found)->path());
    const auto profiles = directory_of_profiles();
    if (profiles && *profiles && target.parent_path() == (*profiles)->path() &&
        target.filename() != profile.str()) {
        return fail(Errc::conflict, directory_.path_of(relative) + " is a symbolic link to '" +
                                        printable(target.filename().string()) +
                                        "', which is another profile");
    }
    return std::optional(std::move(**found).called(directory_.path_of(relative)));
}

Result<std::optional<sys::Directory>> Home::directory_of_profiles() const {
    return directory_.find_through_own_links(profiles_directory);
}

Result<sys::Directory> Home::require(const ProfileName& profile) const {
    auto found = find(profile);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    if (!*found) {
        return fail(Errc::no_profile,
                    "there is no profile '" + profile.str() + "': " + path_of(profile) +
                        " does not exist" + meant_hint_for(profile.str()),
                    "gatewayctl list");
    }
    if (!profile.is_root() && !(*found)->has(soul_file_name)) {
        return fail(Errc::no_profile,
                    "'" + profile.str() + "' is not a profile: " + path_of(profile) +
                        " holds no SOUL.md",
                    "gatewayctl list");
    }
    return std::move(**found);
}

namespace {

Finding unlistable(const Error& error) {
    return finding(FindingCode::unlistable_profiles, {}, error.message);
}

/// A symlink in the place of a profile, which `found` has followed as far as that may be.
void classify_link(const std::string& entry, const Result<std::optional<sys::Directory>>& found,
                   ProfileListing& listing) {
    auto name = ProfileName::parse(entry);
    if (!name || name->is_root()) {
        listing.invalid.push_back({entry, "it is a symbolic link", refused_name});
    } else if (!found || !*found) {
        listing.invalid.push_back(
            {entry,
             !found && found.error().code == Errc::conflict
                 ? found.error().message
                 : "it is a symbolic link that is not followed: it leads to no directory of this "
                   "volume, or is not this user's",
             refused_symlink});
    } else if ((*found)->has(soul_file_name)) {
        listing.names.push_back(std::move(*name));
    }
}

void classify(const sys::Directory& profiles, const sys::DirectoryEntry& entry,
              ProfileListing& listing) {
    auto name = ProfileName::parse(entry.name);
    if (entry.kind != sys::EntryKind::directory) {
        return;
    }
    // Not being allowed to look is no proof that it holds none: it is listed, and judged
    // unreadable.
    const auto soul = profiles.info(entry.name + "/" + soul_file_name);
    if (soul && !*soul) {
        const auto has = [&](const char* file) { return profiles.has(entry.name + "/" + file); };
        if (name && !name->is_root() && (has(intent_file_name) || has(state_file_name))) {
            listing.without_soul.push_back(std::move(*name));
        }
        return;
    }
    if (!soul) {
        listing.findings.push_back(unlistable(soul.error()));
    }
    if (!name) {
        listing.invalid.push_back({entry.name, name.error().message, refused_name});
    } else if (name->is_root()) {
        listing.findings.push_back(
            finding(FindingCode::reserved_name, {}, "profiles/default is reserved",
                    "'default' is the home itself; the directory is skipped"));
    } else {
        listing.names.push_back(std::move(*name));
    }
}

} // namespace

ProfileListing Home::profiles() const {
    ProfileListing listing;
    listing.names.push_back(ProfileName::root());
    const auto directory = directory_of_profiles();
    const auto entries =
        directory && *directory ? (*directory)->list() : Result<std::vector<sys::DirectoryEntry>>{};
    if (!directory || !entries) {
        listing.incomplete = true;
        listing.findings.push_back(unlistable(!directory ? directory.error() : entries.error()));
        return listing;
    }
    for (const auto& entry : *entries) {
        if (entry.kind == sys::EntryKind::symlink) {
            const auto name = ProfileName::parse(entry.name);
            classify_link(entry.name, name ? find(*name) : std::optional<sys::Directory>(),
                          listing);
        } else {
            classify(**directory, entry, listing);
        }
    }
    std::sort(listing.names.begin(), listing.names.end());
    std::sort(listing.without_soul.begin(), listing.without_soul.end());
    std::sort(listing.invalid.begin(), listing.invalid.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return listing;
}

std::string Home::meant_hint_for(const std::string& name) const {
    const auto listing = profiles();
    std::vector<std::string_view> known;
    known.reserve(listing.names.size());
    for (const auto& one : listing.names) {
        known.emplace_back(one.str());
    }
    return meant_hint(name, known);
}

SlotOrigin Home::origin_of(const ProfileName& profile) const {
    const auto directory = find(profile);
    return origin_of(directory && *directory ? &**directory : nullptr);
}

SlotOrigin Home::origin_of(const sys::Directory* profile) const {
    SlotOrigin origin;
    origin.home = identity_;
    const auto profiles = directory_of_profiles();
    if (profiles && *profiles) {
        origin.profiles = (*profiles)->identity();
    }
    if (profile != nullptr) {
        origin.profile = profile->identity();
    }
    return origin;
}

namespace {

/// Why it cannot be said that an entry was deleted, which is there but no profile; empty: it can.
std::string unproven_by(const sys::Directory& profiles, const std::string& name,
                        const sys::FileInfo& entry) {
    const std::string path = profiles.path_of(name);
    if (entry.kind != sys::EntryKind::directory) {
        return path + (entry.kind == sys::EntryKind::symlink ? " is a symbolic link"
                                                             : " is not a directory");
    }
    const auto soul = profiles.info(name + "/" + soul_file_name);
    return !soul ? soul.error().message : *soul ? path + " is a profile" : std::string();
}

} // namespace

bool Home::has_profiles() const {
    return directory_.has(profiles_directory);
}

ProfileAbsence Home::absence_of(const ProfileName& profile) const {
    ProfileAbsence seen{{}, origin_of(profile)};
    const auto profiles = directory_of_profiles();
    if (!profiles || !*profiles) {
        seen.unproven = profiles ? directory_.path_of(profiles_directory) + " is not there"
                                 : profiles.error().message;
        return seen;
    }
    const auto entry = (*profiles)->info(profile.str());
    if (!entry) {
        seen.unproven = entry.error().message;
    } else if (*entry) {
        seen.unproven = unproven_by(**profiles, profile.str(), **entry);
    }
    return seen;
}

Account account_of_home(const Home& home) {
    return sys::own_account(home.path());
}

} // namespace gw::store
