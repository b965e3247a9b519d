#include "rules/profile_place.hpp"
#include "support.hpp"

using namespace gw;
using enum RecordedPath;

TEST_CASE("profile place: a home is `default`, what lies in profiles has its own name") {
    CHECK(profile_of_path("/opt/data") == "default");
    CHECK(profile_of_path("/opt/data/profiles/mail") == "mail");
    CHECK(profile_of_path("/profiles") == "default");
    CHECK(profile_of_path("data") == "default");
}

TEST_CASE("profile place: the table of what belongs to the profile in whose directory it lies") {
    const ProfilePlace here{"mail", "/data/profiles/mail", FileIdentity{1, 12}};
    ProfilePlace moved{"mail", "/old/profiles/mail", FileIdentity{7, 99}};
    ProfilePlace renamed{"post", "/data/profiles/post", FileIdentity{1, 12}};
    ProfilePlace copied{"post", "/data/profiles/post", FileIdentity{1, 13}};
    CHECK(belongs_here(std::nullopt, here, RecordedPath::here));
    CHECK(belongs_here(here, here, RecordedPath::here));
    CHECK(belongs_here(moved, here, vacant));
    CHECK_FALSE(belongs_here(moved, here, original));
    CHECK(belongs_here(renamed, here, vacant));
    CHECK_FALSE(belongs_here(renamed, here, original));
    CHECK_FALSE(belongs_here(copied, here, vacant));
    copied.directory.reset();
    CHECK_FALSE(belongs_here(copied, ProfilePlace{"mail", "/data/profiles/mail", {}}, vacant));
}

TEST_CASE("profile place: an earlier version named a home by the last part of its path") {
    const ProfilePlace home{"default", "/opt/data", FileIdentity{1, 2}};
    CHECK(belongs_here(ProfilePlace{"data", {}, FileIdentity{3, 4}}, home, RecordedPath::here));
    CHECK_FALSE(
        belongs_here(ProfilePlace{"data", "/x/profiles/data", FileIdentity{3, 4}}, home, vacant));
}

TEST_CASE(
    "profile place: a rename, a move and other inodes name it anew, another device does not") {
    const ProfilePlace here{"mail", "/data/profiles/mail", FileIdentity{1, 12}};
    ProfilePlace named = here;
    CHECK_FALSE(is_outdated(named, here, RecordedPath::here));
    CHECK(is_outdated(named, here, vacant));
    named.directory->device = 9;
    CHECK_FALSE(is_outdated(named, here, RecordedPath::here));
    named.directory->inode = 9;
    CHECK(is_outdated(named, here, RecordedPath::here));
    named = {"post", here.path, here.directory};
    CHECK(is_outdated(named, here, RecordedPath::here));
}
