#include "golden.hpp"
#include "render/systemd_unit.hpp"

using namespace gw;

namespace {

HostService fronted() {
    HostService service;
    service.spec.profile = *ProfileName::parse("worker");
    service.spec.home = "/opt/data";
    service.spec.profile_dir = "/opt/data/profiles/worker";
    service.spec.account = {10000, 10000, {}, "/home/hermes"};
    service.spec.command = {"/usr/local/bin/gatewayctl", "run", "--", "hermes", "gateway", "run"};
    service.spec.environment = {{"TOKEN", "50% \"of\" $HOME\nand 'more'\t\\"}};
    service.spec.port = 9321;
    service.name = "gateway-worker";
    service.tool = "/usr/local/bin/gatewayctl";
    service.path = "/usr/local/bin:/usr/bin";
    return service;
}

HostService direct() {
    HostService service = fronted();
    service.spec.profile = ProfileName::root();
    service.spec.home = "/srv/o'brien 100% $HOME";
    service.spec.profile_dir = service.spec.home;
    service.spec.command = {
        "/srv/o'brien 100% $HOME/bin/hermes", "gateway", "run", ";", "%h", "$$x", "a\"b\\c\nd", ""};
    service.spec.environment.clear();
    service.spec.drain_timeout = seconds{180};
    service.name = "gateway-default.0123abcd";
    return service;
}

} // namespace

TEST_CASE("units are as kept in tests/golden") {
    test::check_golden("system.service", *render_unit(fronted(), Scope::system, 252));
    test::check_golden("system-254.service", *render_unit(fronted(), Scope::system, 254));
    test::check_golden("user-awkward.service", *render_unit(direct(), Scope::user, 252));
}

TEST_CASE("the home of a unit is written in it and read back") {
    CHECK(home_of_unit(*render_unit(direct(), Scope::user, 252)) == direct().spec.home);
    CHECK_FALSE(home_of_unit("[Unit]\nDescription=somebody else's\n"));
}

TEST_CASE("stop timeout comes from the drain: 180 gives 210, the floor gives 90") {
    CHECK(render_unit(direct(), Scope::user, 252)->find("\nTimeoutStopSec=210\n") !=
          std::string::npos);
    CHECK(render_unit(fronted(), Scope::user, 252)->find("\nTimeoutStopSec=90\n") !=
          std::string::npos);
}

TEST_CASE("the restart delay grows where systemd can") {
    CHECK(render_unit(fronted(), Scope::system, 254)->find("RestartSteps=") != std::string::npos);
    CHECK(render_unit(fronted(), Scope::system, 253)->find("RestartSteps=") == std::string::npos);
}

TEST_CASE("only a command fronted by run can tell systemd that it is ready") {
    CHECK(render_unit(fronted(), Scope::user, 252)->find("\nType=notify\n") != std::string::npos);
    CHECK(render_unit(direct(), Scope::user, 252)->find("\nType=exec\n") != std::string::npos);
}

TEST_CASE("what no unit can hold is refused") {
    auto service = fronted();
    service.spec.environment = {{"X", "a\x01"}};
    CHECK_FALSE(render_unit(service, Scope::system, 252));
    service = fronted();
    service.spec.home = "/a\nExecStartPre=/evil";
    CHECK_FALSE(render_unit(service, Scope::system, 252));
    service = fronted();
    service.spec.command = {"hermes"};
    CHECK_FALSE(render_unit(service, Scope::system, 252));
}

TEST_CASE("drift names the directives and shows no value") {
    const auto rendered = *render_unit(fronted(), Scope::system, 252);
    CHECK(unit_drift(rendered, rendered).empty());
    auto changed = rendered;
    changed.replace(changed.find("TimeoutStopSec=90"), 17, "TimeoutStopSec=5 ");
    CHECK(unit_drift(rendered, changed) == "TimeoutStopSec");
    CHECK(unit_drift(rendered, changed + "MemoryMax=1G\n") == "MemoryMax, TimeoutStopSec");
    CHECK(unit_drift(rendered, "# comment\n" + rendered) == "comments or order");
}
