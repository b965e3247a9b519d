#include "rules/run_signal.hpp"

#include <csignal>
#include <doctest/doctest.h>

using namespace gw;
using enum SignalMeaning;

namespace {
constexpr auto process = SignalOrigin::process;
constexpr auto kernel = SignalOrigin::kernel;
} // namespace

TEST_CASE("signals: what engines and supervisors send to an init is a stop, as SIGTERM") {
    for (const int number : {SIGTERM, SIGPWR, SIGRTMIN + 3, SIGRTMIN + 4, SIGRTMIN + 5}) {
        CAPTURE(number);
        CHECK(meaning_of(number, process) == stop);
        CHECK(passed_on_stop(number) == SIGTERM);
    }
    CHECK(passed_on_stop(SIGINT) == SIGINT);
}

TEST_CASE("signals: a terminal's keys and its hangup are told from what a process sends") {
    CHECK(meaning_of(SIGINT, kernel) == interrupt);
    CHECK(meaning_of(SIGINT, process) == stop);
    CHECK(meaning_of(SIGQUIT, kernel) == interrupt);
    CHECK(meaning_of(SIGQUIT, process) == stop);
    CHECK(meaning_of(SIGHUP, kernel) == stop);
    CHECK(meaning_of(SIGHUP, process) == gateways_own);
}

TEST_CASE("signals: what tells of a write or a limit of its own is nothing") {
    CHECK(meaning_of(SIGPIPE, process) == nothing);
    CHECK(meaning_of(SIGXFSZ, process) == nothing);
    CHECK(meaning_of(SIGXCPU, kernel) == nothing);
    CHECK(meaning_of(SIGXCPU, process) == gateways_own);
}

TEST_CASE("signals: every other one is the gateway's own business") {
    for (const int number : {SIGUSR2, SIGWINCH, SIGCONT, SIGALRM, SIGVTALRM, SIGPROF, SIGIO,
                             SIGSTKFLT, SIGABRT, SIGSEGV, SIGTRAP, 32, 33, SIGRTMIN, SIGRTMAX}) {
        CAPTURE(number);
        CHECK(meaning_of(number, process) == gateways_own);
    }
    CHECK(meaning_of(SIGUSR1, process) == restart);
    CHECK(meaning_of(SIGCHLD, process) == look);
    CHECK(meaning_of(SIGTSTP, process) == job_control);
}
