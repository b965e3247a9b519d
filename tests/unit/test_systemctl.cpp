#include "base/time_words.hpp"
#include "supervise/host/systemctl.hpp"
#include "supervise/host/systemd.hpp"
#include "support.hpp"

using namespace gw;
using namespace gw::supervise;
using namespace std::chrono_literals;

namespace {

Error error_for(Scope scope, const std::string& words) {
    return systemctl_error(scope, {"systemctl", "start", "x"}, {1, "", words});
}

} // namespace

TEST_CASE("systemctl: a job that ends a unit is told from one that starts it") {
    constexpr const char* jobs = "  101 gateway-a.service  start        running\n"
                                 "  102 gateway-b.service  restart      running\n"
                                 "  103 gateway-cc.service stop         waiting\n";
    CHECK_FALSE(ends_unit(jobs, "gateway-a.service"));
    CHECK(ends_unit(jobs, "gateway-b.service"));
    CHECK(ends_unit(jobs, "gateway-cc.service"));
    CHECK_FALSE(ends_unit(jobs, "gateway-c.service"));
    CHECK_FALSE(ends_unit("", "gateway-a.service"));
}

TEST_CASE("properties are read in any order, whatever is in a value") {
    const auto seen = parse_properties("B=2=3\nA=\nnonsense\nC=x y\n");
    CHECK(seen.size() == 3);
    CHECK(seen.at("A").empty());
    CHECK(seen.at("B") == "2=3");
    CHECK(seen.at("C") == "x y");
}

TEST_CASE("systemctl's failures are told apart, each with its way out") {
    struct Case {
        Scope scope;
        const char* words;
        Errc code;
        const char* next;
    };
    for (const auto& [scope, words, code, next] : {
             Case{Scope::user, "Failed to connect to bus: No medium found", Errc::no_manager,
                  "loginctl enable-linger"},
             Case{Scope::user,
                  "Failed to connect to bus: $DBUS_SESSION_BUS_ADDRESS and $XDG_RUNTIME_DIR not "
                  "defined",
                  Errc::no_manager, "XDG_RUNTIME_DIR=/run/user/"},
             Case{Scope::system,
                  "System has not been booted with systemd as init system (PID 1). Can't operate.",
                  Errc::no_manager, "detect"},
             Case{
                 Scope::system,
                 "Failed to start x.service: Access denied\nSee system logs and 'systemctl status'",
                 Errc::not_permitted, "sudo"},
             Case{Scope::system, "Failed to enable unit: Interactive authentication required.",
                  Errc::not_permitted, "--scope user"},
             Case{Scope::system, "Failed to start x.service: Unit x.service not found.",
                  Errc::not_registered, "gatewayctl status"},
             Case{Scope::system, "Failed to get properties: Connection timed out", Errc::timed_out,
                  "list-jobs"},
             Case{Scope::system, "Job for x.service failed.", Errc::command_failed, ""},
         }) {
        CAPTURE(words);
        const auto error = error_for(scope, words);
        CHECK(error.code == code);
        CHECK(error.next.find(next) != std::string::npos);
        CHECK(error.message.find("systemctl start x failed with code 1") == 0);
    }
}

TEST_CASE("systemctl: how long a stop may take is read as systemd prints it") {
    CHECK(parse_span("1min 30s") == 90s);
    CHECK(parse_span("4min") == 240s);
    CHECK(parse_span("1h 2min 3s 4ms") == 3723s);
    CHECK(parse_span("500ms") == 0s);
    CHECK(parse_span("1.5s") == 1s);
    CHECK(parse_span("2w 1d") == 15 * 24h);
    CHECK_FALSE(parse_span("infinity"));
    CHECK_FALSE(parse_span(""));
    CHECK_FALSE(parse_span("5 parsecs"));
}

TEST_CASE("systemctl: who has the last word on the time for a stop is told how to give it back") {
    CHECK_FALSE(kill_limit_of({{"TimeoutStopUSec", "infinity"}}, Scope::user));
    CHECK(kill_limit_of({{"TimeoutStopUSec", "90s"}}, Scope::user)->cure.empty());
    CHECK(kill_limit_of({{"TimeoutStopUSec", "90s"}, {"NeedDaemonReload", "yes"}}, Scope::user)
              ->cure == "systemctl --user daemon-reload");
    const auto dropped = kill_limit_of(
        {{"TimeoutStopUSec", "1s"}, {"DropInPaths", "/a.conf /b.conf"}}, Scope::system);
    CHECK(dropped->limit == 1s);
    CHECK(dropped->cure == "as root: sed -i -E '/^Timeout(Stop)?Sec *=/d' /a.conf /b.conf && "
                           "systemctl daemon-reload");
}

TEST_CASE("observed state: up, on its way, waiting to be restarted, stopping, down") {
    const auto up = observed_unit({{"LoadState", "loaded"},
                                   {"ActiveState", "active"},
                                   {"MainPID", "42"},
                                   {"Type", "notify"},
                                   {"StateChangeTimestamp", "@1700000000"}});
    CHECK(up.supervised);
    CHECK(up.wants_up);
    CHECK(up.up);
    CHECK(up.ready == true);
    CHECK(up.process->pid.value == 42);
    CHECK(up.since == 1700000000);

    const auto starting =
        observed_unit({{"ActiveState", "activating"}, {"MainPID", "42"}, {"Type", "notify"}});
    CHECK(starting.up);
    CHECK(starting.ready == false);

    const auto waiting = observed_unit({{"ActiveState", "activating"},
                                        {"SubState", "auto-restart"},
                                        {"MainPID", "0"},
                                        {"ExecMainCode", "2"},
                                        {"ExecMainStatus", "9"}});
    CHECK(waiting.wants_up);
    CHECK_FALSE(waiting.up);
    CHECK(waiting.last_exit->signal == 9);

    const auto stopping = observed_unit({{"ActiveState", "deactivating"}, {"MainPID", "0"}});
    CHECK(stopping.up);
    CHECK_FALSE(stopping.wants_up);
    CHECK_FALSE(stopping.process);

    const auto failed = observed_unit({{"ActiveState", "failed"},
                                       {"Type", "exec"},
                                       {"MainPID", "0"},
                                       {"ExecMainCode", "1"},
                                       {"ExecMainStatus", "78"}});
    CHECK_FALSE(failed.wants_up);
    CHECK(failed.last_exit->code == 78);
    CHECK_FALSE(failed.ready);

    CHECK_FALSE(observed_unit({{"ExecMainCode", "0"}, {"ExecMainStatus", "0"}}).last_exit);
}
