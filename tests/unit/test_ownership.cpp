// Who owns a volume: the rules, and the lock file that a member's processes have in common.

#include "own/ownership.hpp"
#include "store/owner_file.hpp"
#include "support.hpp"
#include "sys/system_effects.hpp"

#include <future>

using namespace gw;
using own::Share;

namespace {

const Place place_a{"boot", "pid:[1]"};
const Place place_b{"boot", "pid:[2]"};

Owner owner_of(const Place& place) {
    return {"a", "host", place, Pid{1}, "2026-01-01T00:00:00Z"};
}

/// A volume, and members that differ only in where they are.
class TestVolume {
  public:
    TestVolume() {
        std::string name = (std::filesystem::temp_directory_path() / "owner-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
        home_ = *store::Home::open(path_.string());
    }
    ~TestVolume() { std::filesystem::remove_all(path_); }
    TestVolume(const TestVolume&) = delete;
    TestVolume& operator=(const TestVolume&) = delete;

    std::unique_ptr<own::Ownership> member(const Place& place, std::string name = "a") {
        return own::file_ownership(*home_, [name] { return name; }, place);
    }
    [[nodiscard]] std::optional<Owner> record() const {
        return store::read_owner(home_->directory());
    }
    void write_record(const Owner& owner) {
        REQUIRE(store::write_owner(effects, home_->directory(), owner));
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    sys::SystemEffects effects;

  private:
    std::filesystem::path path_;
    std::optional<store::Home> home_;
};

} // namespace

TEST_CASE("owner: a record alone proves nothing, and a lock alone not whose it is") {
    using Kind = Standing::Kind;
    CHECK(judge_standing(false, owner_of(place_a), place_a).kind == Kind::nobody);
    CHECK(judge_standing(true, owner_of(place_a), place_a).kind == Kind::here);
    CHECK(judge_standing(true, owner_of(place_a), place_b).kind == Kind::elsewhere);
    CHECK(judge_standing(true, std::nullopt, place_b).kind == Kind::elsewhere);
    CHECK(judge_standing(std::nullopt, owner_of(place_a), place_a).kind == Kind::unknown);
}

TEST_CASE("owner: is named by member, by host where that is another name, and by its time") {
    CHECK(to_text(owner_of(place_a)) == "a on host since 2026-01-01T00:00:00Z");
    CHECK(to_text(Owner{"web", "web", place_a, {}, {}}) == "web");
    CHECK(to_text(Owner{"we\nb", "web", place_a, {}, {}}).find('\n') == std::string::npos);
    CHECK(to_text(std::nullopt, Guard::lock) == "a member that has left no record of itself");
    CHECK(to_text(std::nullopt, Guard::fleet) ==
          "the fleet, which has not given them to this member");
    CHECK(to_text(Standing{Standing::Kind::here}) == "this one");
}

TEST_CASE("keeper: a service has the share where the pass ends and nothing of the tree has it") {
    using Kind = Standing::Kind;
    const auto wanted = [](Kind found, TreeKind tree, Role role = Role::owner, bool live = true,
                           bool becomes_tree = false) {
        return needs_keeper({found, role, tree, live, becomes_tree});
    };
    CHECK(wanted(Kind::nobody, TreeKind::shared));
    CHECK(wanted(Kind::here, TreeKind::shared));
    CHECK_FALSE(wanted(Kind::here, TreeKind::own));
    CHECK_FALSE(wanted(Kind::nobody, TreeKind::own, Role::owner, false));
    CHECK(wanted(Kind::nobody, TreeKind::own));
    CHECK_FALSE(wanted(Kind::nobody, TreeKind::own, Role::owner, true, true));
    for (const auto tree : {TreeKind::own, TreeKind::shared}) {
        CHECK_FALSE(wanted(Kind::unknown, tree));
        CHECK_FALSE(wanted(Kind::elsewhere, tree));
        CHECK(wanted(Kind::elsewhere, tree, Role::standby));
        CHECK(wanted(Kind::elsewhere, tree, Role::standby, false, true));
    }
}

TEST_CASE("ownership: the first member owns, its processes join, another one is refused") {
    TestVolume volume;
    const auto a = volume.member(place_a);
    const auto b = volume.member(place_b, "b");
    CHECK(a->look().kind == Standing::Kind::nobody);
    auto first = a->take(volume.effects);
    CHECK(first.kind == Share::Kind::taken);
    CHECK(volume.record()->member == "a");
    CHECK(volume.member(place_a)->take(volume.effects).kind == Share::Kind::joined);
    const auto refused = b->take(volume.effects);
    CHECK(refused.kind == Share::Kind::refused);
    REQUIRE(refused.owner);
    CHECK(refused.owner->member == "a");
    CHECK(a->look().kind == Standing::Kind::here);
    CHECK(b->look().kind == Standing::Kind::elsewhere);
}

TEST_CASE("ownership: it lasts as long as any share of the member") {
    TestVolume volume;
    auto first = volume.member(place_a)->take(volume.effects);
    auto second = volume.member(place_a)->take(volume.effects);
    const auto b = volume.member(place_b, "b");
    first = {};
    CHECK(b->take(volume.effects).kind == Share::Kind::refused);
    second = {};
    const auto taken = b->take(volume.effects);
    CHECK(taken.kind == Share::Kind::taken);
    CHECK(volume.record()->member == "b");
    CHECK(volume.member(place_a)->take(volume.effects).kind == Share::Kind::refused);
}

TEST_CASE("ownership: what an earlier life of the same place has left is written anew") {
    TestVolume volume;
    volume.write_record(owner_of(place_a));
    const auto share = volume.member(place_a, "next")->take(volume.effects);
    CHECK(share.kind == Share::Kind::taken);
    CHECK(volume.record()->member == "next");
}

TEST_CASE("ownership: a lock file that was removed keeps nobody out, and is not relied on") {
    TestVolume volume;
    const auto first = volume.member(place_a)->take(volume.effects);
    std::filesystem::remove(volume.path() / gw::owner_lock_name);
    auto b = volume.member(place_b, "b")->take(volume.effects);
    CHECK(b.kind == Share::Kind::taken);
    CHECK(volume.member(place_a)->take(volume.effects).kind == Share::Kind::refused);
}

TEST_CASE("ownership: who waits has it as soon as the last share is given back") {
    TestVolume volume;
    auto first = volume.member(place_a)->take(volume.effects);
    sys::SystemEffects effects;
    auto waiting = std::async(std::launch::async,
                              [&] { return volume.member(place_b, "b")->wait(effects).kind; });
    CHECK(volume.member(place_a)->take(volume.effects).kind == Share::Kind::joined);
    first = {};
    CHECK(waiting.get() == Share::Kind::taken);
}

TEST_CASE("ownership: a volume on which nothing can be written keeps nobody out, and says so") {
    TestVolume volume;
    std::filesystem::create_directory(volume.path() / gw::owner_lock_name);
    const auto share = volume.member(place_a)->take(volume.effects);
    CHECK(share.kind == Share::Kind::unguarded);
    CHECK_FALSE(share.problem.empty());
    CHECK(share.is_ours());
}

TEST_CASE("ownership: a refusal names the owner, and what to type there") {
    const auto error = own::refusal({.owner = owner_of(place_a)}, "gatewayctl stop mail");
    CHECK(error.code == Errc::conflict);
    CHECK(error.message.find("belong to a on host") != std::string::npos);
    CHECK(error.next == "in a: gatewayctl stop mail");
}

TEST_CASE("ownership: where a fleet's member has no lease, a refusal says that and names nobody") {
    TestVolume volume;
    const auto fence = volume.path() / "fence";
    std::filesystem::create_directory(fence);
    const auto share =
        own::fence_ownership(fence, *ProfileName::parse("mail"))->take(volume.effects);
    REQUIRE_FALSE(share.is_ours());
    const auto error = own::refusal(share, "gatewayctl stop mail");
    CHECK(error.code == Errc::conflict);
    CHECK(error.message == "this member of the fleet may not run it: this member has no lease");
    CHECK(error.next == "gatewayctl fleet status");
}
