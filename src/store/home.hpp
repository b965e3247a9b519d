/// The home on the volume and the profiles in it.
#pragma once

#include "base/account.hpp"
#include "base/finding.hpp"
#include "base/profile_name.hpp"
#include "rules/observed.hpp"
#include "rules/retirement.hpp"
#include "sys/directory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::store {

/// What makes a directory below `profiles/` a profile.
inline constexpr const char* soul_file_name = "SOUL.md";

/// The root home of a path: `<root>/profiles/<x>` is somebody's profile, its root is `<root>`, so
/// that a command given inside one profile never acts on the caller's own directory.
std::string root_of(const std::string& home);

/// Why the home cannot be used, with the way out: Errc::not_permitted, else Errc::bad_config.
Error unusable_home(Error error);

/// What lies in `<home>/profiles`.
struct ProfileListing {
    std::vector<ProfileName> names; ///< real profiles (SOUL.md inside), `default` first, sorted
    std::vector<InvalidProfile> invalid;
    /// Directories that have been profiles: state or intent are there, SOUL.md is not.
    std::vector<ProfileName> without_soul;
    std::vector<Finding> findings;
    /// `profiles/` could not be read: absence of a name proves nothing, so nothing may be retired.
    bool incomplete = false;
};

class Home {
  public:
    /// Opens the home; Errc::bad_config with the way out when it is not there.
    static Result<Home> open(const std::string& path);

    [[nodiscard]] const sys::Directory& directory() const { return directory_; }
    [[nodiscard]] const std::string& path() const { return directory_.path(); }
    [[nodiscard]] std::string path_of(const ProfileName& profile) const;

    /// The directory of a profile; nullopt when it does not exist. `default` is the home itself. A
    /// symlink, also in the place of `profiles`, is followed by the user's own processes where it
    /// is his and leads to a place in the home; one to another profile is Errc::conflict.
    [[nodiscard]] Result<std::optional<sys::Directory>> find(const ProfileName& profile) const;
    /// Like find, but Errc::no_profile when the directory or its SOUL.md is not there.
    [[nodiscard]] Result<sys::Directory> require(const ProfileName& profile) const;
    [[nodiscard]] ProfileListing profiles() const;
    /// ", did you mean 'mail'?", or nothing: the end of a message about a name that is no profile.
    [[nodiscard]] std::string meant_hint_for(const std::string& name) const;

    /// What a slot of this profile is made for, by device and inode.
    [[nodiscard]] SlotOrigin origin_of(const ProfileName& profile) const;
    /// The same of a profile that was found already; nullptr: it was not.
    [[nodiscard]] SlotOrigin origin_of(const sys::Directory* profile) const;
    /// Something is there under the name of the directory of profiles, be it what it may.
    [[nodiscard]] bool has_profiles() const;
    /// What is seen of a profile that is not there.
    [[nodiscard]] ProfileAbsence absence_of(const ProfileName& profile) const;
    [[nodiscard]] std::optional<FileIdentity> identity() const { return identity_; }

  private:
    [[nodiscard]] Result<std::optional<sys::Directory>> directory_of_profiles() const;
    explicit Home(sys::Directory directory)
        : directory_(std::move(directory)), identity_(directory_.identity()) {}
    sys::Directory directory_;
    std::optional<FileIdentity> identity_;
};

/// The account the gateways of this home run as: that of this process. Root has become it before it
/// opened the home (operate/privilege.hpp); anybody else can run them only as himself, whoever owns
/// the home (a volume root:GID 2775, as Kubernetes makes it).
Account account_of_home(const Home& home);

} // namespace gw::store
