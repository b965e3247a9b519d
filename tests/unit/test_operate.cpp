#include "fakes.hpp"
#include "store/marker_file.hpp"
#include "store/planned_end.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

using namespace gw;
using namespace gw::operate;

namespace {

struct World {
    test::TemporaryHome directory;
    store::Home home = std::move(*store::Home::open(directory.path()));
    Settings settings;
    test::FailingEffects effects;
    std::minstd_rand random;
    test::FakeManager manager{random};
    ProfileName name = ProfileName::parse("a").value();

    explicit World(unsigned seed) : random(seed) {
        // As after-exit: an end that was asked for leaves the supervisor's wish, any other one is
        // that of a program that has finished.
        manager.model.finish = [this] {
            sys::SystemEffects hook;
            return store::take_planned_end(hook, profile()).value_or(false);
        };
    }
    [[nodiscard]] Operator by() { return {manager, home, settings, effects}; }
    [[nodiscard]] sys::Directory profile() const { return std::move(**home.find(name)); }
    [[nodiscard]] std::optional<DesiredState> intent() const {
        return parse_desired(store::read_intent(profile()).resolved.text).state;
    }
    Result<void> watch(Result<Pending> begun, const OperationOptions& options = {}) {
        return watch_all(by(), std::span(&begun, 1), options, [this] { return manager.now(); })
            .front();
    }
    void settle() {
        for (int i = 0; i < 300; ++i) {
            manager.tick();
        }
    }
};

using Begin = Result<Pending> (*)(const Operator&, const ProfileName&);
constexpr Begin verbs[] = {begin_start, begin_stop,
                           begin_restart}; // NOLINT(modernize-avoid-c-arrays)

} // namespace

TEST_CASE("operate: an adoption never undoes what an operator has asked for meanwhile") {
    World world(1);
    const auto profile = world.profile();
    const auto boot = store::provenance_now("gatewayctl reconcile", "adopted");
    REQUIRE(store::record_intent(world.effects, profile, DesiredState::stopped,
                                 store::provenance_now("gatewayctl stop", "operator")));
    CHECK(store::adopt_intent(world.effects, profile, boot));
    CHECK(world.intent() == DesiredState::stopped);
}

TEST_CASE(
    "operate: in any order of operations, watched or not, the gateway is what was asked for last") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    for (unsigned story = 0; story < 150; ++story) {
        CAPTURE(story);
        World world(seed + story);
        for (auto operations = 1 + world.random() % 4; operations > 0; --operations) {
            auto begun = verbs[world.random() % 3](world.by(), world.name);
            REQUIRE(begun);
            // Whoever asked may be gone at once, or wait to the end.
            if (world.random() % 2 == 0) {
                CHECK(world.watch(std::move(begun)));
            }
            for (auto ticks = world.random() % 8; ticks > 0; --ticks) {
                world.manager.tick();
            }
        }
        world.settle();
        CHECK(world.manager.up() == (world.intent() == DesiredState::running));
        CHECK(world.manager.wants_up() == (world.intent() == DesiredState::running));
    }
}

TEST_CASE("operate: a refused command leaves intent, marker and note as they were") {
    for (const auto verb : verbs) {
        World world(1);
        REQUIRE(world.watch(begin_start(world.by(), world.name)));
        world.manager.refuses = true;
        CHECK(!verb(world.by(), world.name));
        CHECK(world.intent() == DesiredState::running);
        CHECK(!world.profile().has(store::planned_end_file_name));
        CHECK(!world.profile().has(".gateway-planned-stop.json"));
    }
}

TEST_CASE(
    "operate: of a command without an answer the supervisor is asked, and the latest intent wins") {
    for (const auto verb : verbs) {
        for (const bool up : {true, false}) {
            CAPTURE(up);
            World world(5);
            REQUIRE(world.watch((up ? begin_start : begin_stop)(world.by(), world.name)));
            world.manager.never_answers = true;
            const auto begun = verb(world.by(), world.name);
            world.settle();
            CHECK(world.manager.up() == (world.intent() == DesiredState::running));
            CHECK(world.intent() ==
                  (verb == begin_stop ? DesiredState::stopped : DesiredState::running));
            if (up && verb == begin_restart) {
                // Of a restart nothing is to be seen yet, and that is what is said.
                REQUIRE(!begun);
                CHECK(begun.error().message.find("is not known") != std::string::npos);
            }
        }
    }
}

TEST_CASE(
    "operate: whichever call fails, a stop is refused with the intent as it was, or it is done") {
    for (int call = 0;; ++call) {
        CAPTURE(call);
        World world(2);
        REQUIRE(world.watch(begin_start(world.by(), world.name)));
        world.effects.calls = 0;
        world.effects.fails_at = call;
        const int commands = world.manager.commands;
        const auto done = world.watch(begin_stop(world.by(), world.name));
        world.settle();
        const bool commanded = world.manager.commands > commands;
        CHECK(world.manager.up() == !commanded);
        CHECK(world.intent() == (commanded ? DesiredState::stopped : DesiredState::running));
        CHECK(done.has_value() == commanded);
        if (world.effects.calls <= call) {
            break; // it needs no more calls than that
        }
        REQUIRE(call < 100);
    }
}

TEST_CASE("operate: --no-wait returns as soon as the command is accepted") {
    World world(3);
    OperationOptions options;
    options.patience = Patience::no_wait;
    REQUIRE(world.watch(begin_start(world.by(), world.name), options));
    CHECK(!world.manager.up());
    CHECK(world.manager.wants_up());
}

TEST_CASE("operate: the note of a planned end says nothing while its process lives") {
    World world(4);
    const ProcessIdentity self{Pid{::getpid()}, std::nullopt};
    REQUIRE(store::note_planned_end(world.effects, world.profile(), self, {}));
    CHECK(store::take_planned_end(world.effects, world.profile()) == false);
    CHECK(world.profile().has(store::planned_end_file_name));
}
