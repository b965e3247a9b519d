#include "rules/retirement.hpp"
#include "support.hpp"

#include <vector>

using namespace gw;

namespace {
const FileIdentity home{1, 2};
const FileIdentity profiles{1, 3};
const FileIdentity mail{1, 4};
const SlotOrigin made_for{home, profiles, mail};

bool goes(const std::optional<SlotOrigin>& origin, const ProfileAbsence& seen) {
    const auto answer = judge_retirement(origin, seen);
    CHECK_FALSE(answer.why.empty());
    return answer.may_go;
}
} // namespace

TEST_CASE(
    "retirement: a slot goes only when the directory it was made for was read and has it no more") {
    CHECK(goes(made_for, {{}, {home, profiles, {}}}));
    CHECK(goes(made_for, {{}, {home, profiles, mail}}));
}

TEST_CASE("retirement: absence on another volume proves nothing, whichever of its directories is "
          "another one") {
    CHECK_FALSE(goes(made_for, {{}, {home, FileIdentity{9, 3}, {}}}));
    CHECK_FALSE(goes(made_for, {{}, {home, FileIdentity{1, 9}, {}}}));
    CHECK_FALSE(goes(made_for, {{}, {home, profiles, FileIdentity{9, 4}}}));
    CHECK_FALSE(goes(made_for, {{}, {home, {}, {}}}));
}

TEST_CASE(
    "retirement: what was refused is not deleted, and what a slot does not say is not known") {
    CHECK_FALSE(goes(made_for, {"it is a symbolic link", {home, profiles, {}}}));
    CHECK_FALSE(goes(std::nullopt, {{}, {home, profiles, {}}}));
    CHECK_FALSE(goes(SlotOrigin{home, {}, {}}, {{}, {home, {}, {}}}));
}

TEST_CASE("retirement: an origin survives the text that a slot carries") {
    for (const auto& origin : {made_for, SlotOrigin{}, SlotOrigin{home, {}, {}},
                               SlotOrigin{{{UINT64_MAX, 0}}, {}, mail}}) {
        CHECK(parse_slot_origin(to_text(origin)) == origin);
    }
    for (const char* text : {"", "home", "home 1:2 profiles 1:3", "home 1:2 profiles 1:3 profile 1",
                             "home 1:2 profiles 1:3 profile 1:4 x", "home a:2 profiles - profile -",
                             "home 1:2: profiles - profile -", "profile - profiles - home -"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_slot_origin(text));
    }
}

TEST_CASE("retirement: a home without profiles/ is a volume that is away when a slot proves it") {
    const auto away = [](bool root_profile, std::optional<SlotOrigin> origin) {
        const std::vector<OwnSlot> slots = {{true, made_for}, {root_profile, std::move(origin)}};
        return volume_is_away(home, slots);
    };
    CHECK_FALSE(away(true, made_for)); // a home that has never had a named profile
    CHECK_FALSE(away(true, std::nullopt));
    CHECK(away(false, made_for));
    CHECK(away(false, std::nullopt));
    CHECK(away(true, SlotOrigin{FileIdentity{9, 2}, {}, {}}));
}

TEST_CASE("retirement: a directory that has come since a slot was made makes it no other slot") {
    const SlotOrigin before{home, {}, home};
    CHECK(origin_spoken_of(before, {home, profiles, home}) == before);
    CHECK_FALSE(origin_spoken_of(before, {FileIdentity{9, 2}, profiles, home}) == before);
    CHECK_FALSE(origin_spoken_of(made_for, {home, profiles, FileIdentity{9, 4}}) == made_for);
}
