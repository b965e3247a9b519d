#include "store/home.hpp"

#include "base/text.hpp"
#include "rules/findings.hpp"
#include "rules/slot_spec.hpp"
#include "sys/accounts.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>

namespace gw::store {

namespace {
constexpr const char* soul_file = "SOUL.md";
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

Result<Home> Home::open(const std::string& path) {
    auto directory = sys::Directory::open(root_of(path));
    if (!directory) {
        Error error = directory.error();
        error.code = error.code == Errc::not_permitted ? error.code : Errc::bad_config;
        return std::unexpected(std::move(error)
                                   .within("cannot use the home")
                                   .advise("set HERMES_HOME or --home to the volume's directory"));
    }
    return Home(std::move(*directory));
}

std::string Home::path_of(const ProfileName& profile) const {
    return profile_directory(path(), profile);
}

Result<std::optional<sys::Directory>> Home::find(const ProfileName& profile) const {
    return directory_.find(
        profile.is_root() ? "." : std::string(profiles_directory) + "/" + profile.str());
}

Result<sys::Directory> Home::require(const ProfileName& profile) const {
    auto found = find(profile);
    if (!found) {
        return std::unexpected(std::move(found.error()));
    }
    if (!*found) {
        return fail(Errc::no_profile,
                    "there is no profile '" + profile.str() + "': " + path_of(profile) +
                        " does not exist",
                    "gatewayctl list");
    }
    if (!profile.is_root() && !(*found)->has(soul_file)) {
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

void classify(const sys::Directory& profiles, const sys::DirectoryEntry& entry,
              ProfileListing& listing) {
    auto name = ProfileName::parse(entry.name);
    if (entry.kind == sys::EntryKind::symlink) {
        listing.invalid.push_back({entry.name, "it is a symbolic link"});
        return;
    }
    if (entry.kind != sys::EntryKind::directory) {
        return;
    }
    // Not being allowed to look is no proof that it holds none: it is listed, and judged
    // unreadable.
    const auto soul = profiles.info(entry.name + "/" + soul_file);
    if (soul && !*soul) {
        return;
    }
    if (!soul) {
        listing.findings.push_back(unlistable(soul.error()));
    }
    if (!name) {
        listing.invalid.push_back({entry.name, name.error().message});
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
    const auto directory = directory_.find(profiles_directory);
    const auto entries =
        directory && *directory ? (*directory)->list() : Result<std::vector<sys::DirectoryEntry>>{};
    if (!directory || !entries) {
        listing.incomplete = true;
        listing.findings.push_back(unlistable(!directory ? directory.error() : entries.error()));
        return listing;
    }
    for (const auto& entry : *entries) {
        classify(**directory, entry, listing);
    }
    std::sort(listing.names.begin(), listing.names.end());
    std::sort(listing.invalid.begin(), listing.invalid.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return listing;
}

Account account_of_home(const Home& home) {
    return sys::own_account(home.path());
}

} // namespace gw::store
