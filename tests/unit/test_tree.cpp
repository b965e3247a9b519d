#include "render/slot.hpp"
#include "rules/settings.hpp"
#include "rules/slot_spec.hpp"
#include "rules/tree.hpp"
#include "rules/tree_signal.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <map>

using namespace gw;

namespace {

Surroundings told(std::map<std::string, std::string> variables, const Flags& flags,
                  TreeKind otherwise) {
    return resolve_surroundings(
        flags,
        [variables = std::move(variables)](const std::string& name) {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        },
        otherwise);
}

constexpr const char* usage_2_11 =
    "s6-svscan: usage: s6-svscan [ -c maxservices ] [ -t timeout ] [ -d notif ] [ dir ]";
constexpr const char* usage_2_15 =
    "s6-svscan: usage: s6-svscan [ -d notif ] [ -C services_max ] [ -L name_max ] [ dir ]";

} // namespace

TEST_CASE("a tree is chosen by a named scandir, then by the variable, then by what is there") {
    const auto own = default_scandir(TreeKind::own);
    CHECK(told({}, {}, TreeKind::own).scandir == own);
    CHECK(told({}, {}, TreeKind::shared).scandir == "/run/service");
    CHECK(told({{"GATEWAYCTL_TREE", "own"}}, {}, TreeKind::shared).scandir == own);
    const auto shared = told({{"GATEWAYCTL_TREE", "shared"}}, {}, TreeKind::own);
    CHECK(shared.scandir == "/run/service");
    CHECK(shared.tree == TreeKind::shared);
    const auto named = told({{"GATEWAYCTL_TREE", "own"}, {"S6_PROFILE_GATEWAY_SCANDIR", "/srv/s"}},
                            {}, TreeKind::own);
    CHECK(named.scandir == "/srv/s");
    CHECK_FALSE(named.tree);
    Flags flags;
    flags.scandir = "/flag";
    CHECK(told({{"GATEWAYCTL_TREE", "own"}}, flags, TreeKind::own).scandir == "/flag");
    CHECK(told({{"GATEWAYCTL_TREE", "nest"}}, {}, TreeKind::own).findings.size() == 1);
}

TEST_CASE("each version of s6-svscan is told its capacity by its own option") {
    const auto old = svscan_capacity(usage_2_11, 300);
    REQUIRE(old);
    CHECK(old->option == 'c');
    CHECK(old->number == 1600);
    const auto recent = svscan_capacity(usage_2_15, 300);
    REQUIRE(recent);
    CHECK(recent->option == 'C');
    CHECK(recent->number == 3200); // it counts loggers, too
    CHECK_FALSE(svscan_capacity("s6-svscan: usage: s6-svscan [ dir ]", 300));
    CHECK(svscan_capacity(usage_2_11, 1'000'000)->number == 160'000);
}

TEST_CASE("the words of the s6-svscan of a tree") {
    CHECK(svscan_command(SvscanCapacity{'c', 1006}, 3, "/run/gatewayctl/service") ==
          Argv{"s6-svscan", "-c", "1006", "-d", "3", "--", "/run/gatewayctl/service"});
    CHECK(svscan_command(std::nullopt, 5, "/s") == Argv{"s6-svscan", "-d", "5", "--", "/s"});
}

TEST_CASE("every signal that stops a container stops a tree") {
    for (const int number : {SIGTERM, SIGINT, SIGQUIT, SIGPWR, SIGRTMIN + 3}) {
        CHECK(tree_signal(number) == TreeSignal::stop);
    }
    CHECK(tree_signal(SIGHUP) == TreeSignal::rescan);
    CHECK(tree_signal(SIGCHLD) == TreeSignal::child);
    for (const int number : {SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM, SIGRTMIN + 4}) {
        CHECK(tree_signal(number) == TreeSignal::none);
    }
}

TEST_CASE("a tree has longer to end than each gateway in it") {
    for (const seconds drain : {seconds{0}, seconds{60}, seconds{600}}) {
        CHECK(tree_kill_timeout(drain) > kill_timeout(drain));
    }
}

TEST_CASE("a slot of an own tree has nothing of root in it") {
    SlotSpec spec;
    spec.home = "/opt/data";
    spec.profile_dir = "/opt/data";
    spec.account = {10000, 10000, {}, "/home/hermes"};
    spec.command = {"hermes"};
    const auto scripts = [&spec](TreeKind tree) {
        spec.tree = tree;
        std::string all;
        for (const auto& file : render_slot(spec)) {
            all += file.path + "\n" + file.content;
        }
        return all;
    };
    for (const char* word : {"s6-applyuidgid", "with-contenv", "/usr/bin/id"}) {
        CHECK(scripts(TreeKind::shared).find(word) != std::string::npos);
        CHECK(scripts(TreeKind::own).find(word) == std::string::npos);
    }
}
