#include "golden.hpp"
#include "render/launchd_plist.hpp"
#include "supervise/host/launchctl.hpp"

using namespace gw;
using namespace gw::supervise;

namespace {

HostService worker() {
    HostService service;
    service.spec.profile = *ProfileName::parse("worker");
    service.spec.home = "/Users/o'brien & <co>/.hermes";
    service.spec.profile_dir = service.spec.home + "/profiles/worker";
    service.spec.account = {501, 20, {}, "/Users/o'brien & <co>"};
    service.spec.command = {"/usr/local/bin/gatewayctl", "run", "--", "hermes", "a\nb"};
    service.spec.environment = {{"TOKEN", "<&>\"' \r\n\t"}};
    service.name = "gateway-worker";
    service.tool = "/usr/local/bin/gatewayctl";
    service.path = "/usr/local/bin:/usr/bin";
    return service;
}

} // namespace

TEST_CASE("the plist is as kept in tests/golden, and its home is read back") {
    const auto text = *render_plist(worker());
    test::check_golden("launchd.plist", text);
    CHECK(home_of_plist(text) == worker().spec.home);
    CHECK_FALSE(home_of_plist("<plist><dict/></plist>"));
}

TEST_CASE("label and service name are each other's reverse") {
    CHECK(launchd_label(worker()) == "gatewayctl.gateway-worker");
    CHECK(name_of_launchd_label("gatewayctl.gateway-worker") == "gateway-worker");
    CHECK_FALSE(name_of_launchd_label("com.apple.gateway-worker"));
}

TEST_CASE("what XML cannot hold is refused") {
    auto service = worker();
    service.spec.environment = {{"X", "\x01"}};
    CHECK_FALSE(render_plist(service));
    service = worker();
    service.spec.command.emplace_back("\xff");
    CHECK_FALSE(render_plist(service));
}

TEST_CASE("drift of a plist names its keys") {
    const auto text = *render_plist(worker());
    CHECK(plist_drift(text, text).empty());
    auto changed = text;
    changed.replace(changed.find("<integer>90"), 11, "<integer>5 ");
    CHECK(plist_drift(text, changed) == "ExitTimeOut");
}

TEST_CASE("launchctl's codes are told apart") {
    using enum LaunchctlAnswer;
    for (const auto& [code, answer] : {std::pair{0, done},
                                       {3, not_loaded},
                                       {113, not_loaded},
                                       {5, ambiguous},
                                       {36, in_progress},
                                       {37, in_progress},
                                       {17, already_loaded},
                                       {119, disabled},
                                       {112, domain_unmanaged},
                                       {125, domain_unmanaged},
                                       {1, not_permitted},
                                       {150, not_permitted},
                                       {64, failed}}) {
        CAPTURE(code);
        CHECK(launchctl_answer(code) == answer);
    }
    CHECK(launchctl_error({"launchctl"}, {125, "", "x"}).code == Errc::no_manager);
    CHECK(launchctl_error({"launchctl"}, {113, "", "x"}).code == Errc::not_registered);
}

TEST_CASE("a printed job: only its own lines count") {
    const auto job = parse_launchd_job("gui/501/x = {\n\tactive count = 1\n\tstate = running\n\n"
                                       "\tenvironment = {\n\t\tpid = 7\n\t\tstate = gone\n\t}\n"
                                       "\tpid = 4242\n\tlast exit code = 78: EX_CONFIG\n}\n");
    CHECK(job.state == "running");
    CHECK(job.pid->value == 4242);
    CHECK(job.last_exit->code == 78);
    CHECK(observed_job(job).wants_up);
}

TEST_CASE("states of a job: on its way, leaving, ended for good") {
    const auto wants_up = [](const char* lines) {
        return observed_job(parse_launchd_job(lines)).wants_up;
    };
    CHECK(wants_up("\tstate = not running\n\tlast exit code = (never exited)\n"));
    CHECK(wants_up("\tstate = spawn scheduled\n\tlast exit code = 1\n"));
    CHECK_FALSE(wants_up("\tstate = not running\n\tlast exit code = 0\n"));
    CHECK_FALSE(wants_up("\tstate = SIGTERMed\n\tpid = 3\n"));
    CHECK(parse_launchd_job("\tlast terminating signal = Killed: 9\n").last_exit->signal == 9);
}

TEST_CASE("a disabled label, in the words of old and new macOS") {
    CHECK(lists_as_disabled("\t\"a.b\" => true\n", "a.b"));
    CHECK(lists_as_disabled("\t\"a.b\" => disabled\n", "a.b"));
    CHECK_FALSE(lists_as_disabled("\t\"a.b\" => enabled\n", "a.b"));
    CHECK_FALSE(lists_as_disabled("\t\"a.b\" => false\n", "a.b"));
    CHECK_FALSE(lists_as_disabled("\t\"a.bc\" => disabled\n", "a.b"));
}
