/// Which profile a file belongs to. Each file of ours that belongs to one profile says so, so that
/// a copy of a profile's directory carries nothing along: no intent, no port, no parking. Pure.
#pragma once

#include "base/file_identity.hpp"
#include "base/json_object.hpp"

#include <optional>
#include <string>

namespace gw {

/// A profile: as a file names it, or as it is found.
struct ProfilePlace {
    std::string name; ///< `default` for a home
    std::string path; ///< of its directory; an earlier version did not tell
    std::optional<FileIdentity> directory;
    friend bool operator==(const ProfilePlace&, const ProfilePlace&) = default;
};

/// The profile whose directory has this path: `<root>/profiles/<name>`, or a home.
std::string profile_of_path(const std::string& path);

Json to_json(const ProfilePlace& place);
/// nullopt: the file names nobody.
std::optional<ProfilePlace> place_field(const Json& file, const char* key);

/// What a look at the recorded path has shown.
enum class RecordedPath {
    here,   ///< it leads to the directory in which the file lies
    vacant, ///< to nothing, or to what has nothing to do with the file
    /// To another directory, in which a file names itself in the same words: the original. One of
    /// the same name, in another home, is the original as long as its gateway runs; else it is what
    /// a move has left behind.
    original,
};

/// Whether a file that names this profile belongs to the one in whose directory it lies.
///
/// | # | it names                     | its path leads to     | it belongs here                       |
/// |---|------------------------------|-----------------------|---------------------------------------|
/// | 1 | nobody                       |                       | yes: an earlier version, another tool |
/// | 2 | any profile                  | the original          | no: a copy, and both are seen         |
/// | 3 | this name                    | here, or vacant       | yes: also after the home was moved or |
/// |   |                              |                       | restored with other inodes            |
/// | 4 | another name, this directory | vacant                | yes: the profile was renamed          |
/// | 5 | another name and directory   | vacant                | no: a copy                            |
bool belongs_here(const std::optional<ProfilePlace>& named, const ProfilePlace& here,
                  RecordedPath path);

/// Whether the file should be named anew: the profile was renamed, moved or restored. The number of
/// a device does not count: that of many volumes is another one at each boot.
bool is_outdated(const ProfilePlace& named, const ProfilePlace& here, RecordedPath path);

} // namespace gw
