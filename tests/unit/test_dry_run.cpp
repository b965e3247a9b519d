#include "rules/dry_run.hpp"

#include <doctest/doctest.h>

using namespace gw;
using namespace std::chrono_literals;

TEST_CASE("dry run: what becomes of the process, row by row") {
    const BeforeOperation up{.registered = true, .wants_up = true, .process = Pid{7}};
    const BeforeOperation leaving{.registered = true, .process = Pid{7}};
    const BeforeOperation held{.registered = true, .outside = Pid{9}};
    const BeforeOperation doubled{.registered = true, .process = Pid{7}, .outside = Pid{9}};
    const BeforeOperation down{.registered = true};
    const BeforeOperation unknown{};
    struct Row {
        Asked asked;
        BeforeOperation before;
        std::string_view said;
    };
    const Row rows[] = {
        {Asked::start, up, "it is up already, pid 7"},
        {Asked::start, leaving, "it comes up once pid 7 has ended"},
        {Asked::start, unknown, "it is registered, and comes up"},
        {Asked::start, down, "it comes up"},
        {Asked::stop, up, "pid 7 gets SIGTERM and up to 60 s to drain"},
        {Asked::stop, held, "pid 9 gets SIGTERM and up to 60 s to drain"},
        {Asked::stop, doubled,
         "pid 7 and pid 9, which holds the profile besides it, get SIGTERM and up to 60 s to "
         "drain"},
        {Asked::stop, down, "it is down already"},
        {Asked::restart, up,
         "pid 7 gets SIGTERM and up to 60 s to drain, and then its next life begins"},
        {Asked::restart, down, "it is down, and comes up"},
    };
    for (auto [asked, before, said] : rows) {
        before.intent =
            asked == Asked::stop ? Intent::Kind::stopped : Intent::Kind::running; // no change
        CHECK(foresee(asked, before, 60s) == said);
    }
}

TEST_CASE("dry run: the intent is told where it changes") {
    BeforeOperation before{.registered = true};
    for (const auto& [kind, said] :
         {std::pair{Intent::Kind::none, "none"}, std::pair{Intent::Kind::running, "running"},
          std::pair{Intent::Kind::unknown, "one that cannot be understood"},
          std::pair{Intent::Kind::unreadable, "one that cannot be understood"}}) {
        before.intent = kind;
        CHECK(foresee(Asked::stop, before, 5s) ==
              "it is down already; its intent becomes stopped (now: " + std::string(said) + ")");
    }
}
