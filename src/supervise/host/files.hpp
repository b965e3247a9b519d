/// The files from which a host's supervisor knows our gateways (units, plists): finding one, whose
/// it is, how it has drifted, listing, writing. What systemd and launchd have in common, once.
#pragma once

#include "rules/settings.hpp"
#include "store/home.hpp"
#include "supervise/manager.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::supervise {

/// A unit or plist as it would be installed.
struct RenderedFile {
    std::string path;
    std::string text;
};

/// What lies under the name of a profile's file.
struct ServiceFile {
    enum class Kind {
        absent,
        ours,
        other_home, ///< rendered for another home
        foreign,    ///< gatewayctl did not render it, or it cannot be read
    };
    Kind kind = Kind::absent;
    std::string text;
    std::string owner; ///< for people, when it is not ours; printable
};

/// In what the files of one supervisor differ from those of another.
struct ServiceFileForm {
    std::string_view word; ///< "unit", "plist"
    std::string directory; ///< where the supervisor looks for them
    std::string place;     ///< that, or the supervisor, as a message names it
    std::function<std::string(const ProfileName&)> file_of;
    /// nullopt for a name that is none of this form, whatever home it is of.
    std::function<std::optional<ProfileName>(std::string_view file)> profile_of;
    std::function<Result<RenderedFile>(const ServiceSpec&)> render;
    std::function<std::optional<std::string>(std::string_view text)> home_of;
    /// In what the installed text differs from the rendered one, for people.
    std::function<std::string(std::string_view rendered, std::string_view installed)> difference;
    /// The command that shows a file to a person.
    std::function<std::string(const std::string& file)> show_command;
};

/// The files of one home. `home` and `settings` must outlive it.
class ServiceFiles {
  public:
    ServiceFiles(ServiceFileForm form, const store::Home& home, const Settings& settings)
        : form_(std::move(form)), home_(home), settings_(settings) {}

    [[nodiscard]] const std::string& directory() const { return form_.directory; }
    /// Has the names in the directory on the disk, and those in one below it that may come and go.
    void flush(sys::Effects& effects, const std::string& below) const;
    [[nodiscard]] std::string file_of(const ProfileName& profile) const {
        return form_.file_of(profile);
    }
    [[nodiscard]] std::string path_of(const ProfileName& profile) const {
        return form_.directory + "/" + file_of(profile);
    }

    [[nodiscard]] ServiceFile read(const ProfileName& profile) const;
    /// Errc::not_registered when there is none, Errc::conflict when it is somebody else's.
    [[nodiscard]] Result<void> check_ours(const ProfileName& profile) const;
    [[nodiscard]] Result<void> check_ours(const ProfileName& profile,
                                          const ServiceFile& file) const;
    /// Profiles of this home that have a file, sorted.
    [[nodiscard]] Result<std::vector<ProfileName>> list() const;
    /// Errc::conflict, naming it, when another home has a file for this profile.
    [[nodiscard]] Result<void> check_no_other(const ProfileName& profile) const;
    /// In what the installed file differs from what would be installed; empty: in nothing.
    [[nodiscard]] std::string drift_of(const ProfileName& profile, const ServiceFile& file) const;

    /// What the file of a profile is made from.
    [[nodiscard]] Result<ServiceSpec> spec_of(const ProfileName& profile) const;

    /// Writes the file of the profile, its directory included.
    Result<void> write(sys::Effects& effects, const ProfileName& profile,
                       const std::string& text) const;
    Result<void> remove(sys::Effects& effects, const ProfileName& profile) const;

  private:
    [[nodiscard]] ServiceFile read_file(const std::string& file) const;

    ServiceFileForm form_;
    const store::Home& home_;
    const Settings& settings_;
};

} // namespace gw::supervise
