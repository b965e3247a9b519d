#include "rules/profile_place.hpp"

#include "base/json_fields.hpp"
#include "base/profile_name.hpp"

namespace gw {

namespace {

std::string last_part(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

bool is_name_of(const ProfilePlace& named, const ProfilePlace& here) {
    // An earlier version called a home by the last part of its path.
    return named.name == here.name || (named.path.empty() && named.name == last_part(here.path));
}

} // namespace

std::string profile_of_path(const std::string& path) {
    return last_part(parent_of(path)) == "profiles" ? last_part(path)
                                                    : std::string(ProfileName::root_text);
}

Json to_json(const ProfilePlace& place) {
    Json json = {{"name", place.name}, {"path", place.path}};
    if (place.directory) {
        json["directory"] = to_json(*place.directory);
    }
    return json;
}

std::optional<ProfilePlace> place_field(const Json& file, const char* key) {
    const auto found = file.find(key);
    if (found == file.end() || !found->is_object()) {
        return std::nullopt;
    }
    ProfilePlace place{text_field(*found, "name"), text_field(*found, "path"),
                       identity_field(*found, "directory")};
    return place.name.empty() ? std::nullopt : std::optional(std::move(place));
}

bool belongs_here(const std::optional<ProfilePlace>& named, const ProfilePlace& here,
                  RecordedPath path) {
    if (!named) {
        return true;
    }
    const bool same_directory = named->directory && named->directory == here.directory;
    return path != RecordedPath::original && (is_name_of(*named, here) || same_directory);
}

bool is_outdated(const ProfilePlace& named, const ProfilePlace& here, RecordedPath path) {
    const bool other_inode =
        named.directory && here.directory && named.directory->inode != here.directory->inode;
    return named.name != here.name || path != RecordedPath::here || other_inode;
}

} // namespace gw
