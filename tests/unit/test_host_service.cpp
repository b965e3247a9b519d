#include "rules/host_service.hpp"
#include "support.hpp"

using namespace gw;

namespace {

const std::string canonical = "/opt/data";
const ProfileName worker = *ProfileName::parse("worker");

SlotSpec spec_at(const std::string& home, std::uint32_t uid) {
    SlotSpec spec;
    spec.home = home;
    spec.account.uid = uid;
    return spec;
}

} // namespace

TEST_CASE("the canonical home has the plain name, any other home a name of its own") {
    CHECK(host_service_name(worker, canonical, canonical) == "gateway-worker");
    const auto one = host_service_name(worker, "/srv/one", canonical);
    const auto two = host_service_name(worker, "/srv/two", canonical);
    CHECK(one.starts_with("gateway-worker."));
    CHECK(one != two);
    CHECK(one == host_service_name(worker, "/srv/one", canonical));
}

TEST_CASE("no profile's name can look like the name of another home's service") {
    const auto other = host_service_name(worker, "/srv/one", canonical);
    CHECK_FALSE(ProfileName::parse(other.substr(ProfileName::slot_prefix.size())));
}

TEST_CASE("the profile is read back from both forms of the name, and from nothing else") {
    CHECK(profile_of_host_service("gateway-worker") == worker);
    CHECK(profile_of_host_service(host_service_name(worker, "/srv/one", canonical)) == worker);
    for (const char* name : {"worker", "gateway-", "gateway-worker.conf", "gateway-worker.123",
                             "gateway-worker.12345678.9", "gateway-Worker"}) {
        CAPTURE(name);
        CHECK_FALSE(profile_of_host_service(name));
    }
}

TEST_CASE("canonical homes: one for the system, one for each user") {
    CHECK(canonical_home(Scope::system, "/home/ann") == "/opt/data");
    CHECK(canonical_home(Scope::user, "/home/ann") == "/home/ann/.hermes");
}

TEST_CASE("the profile's own environment wins, whatever it is about") {
    HostService service;
    service.path = "/usr/bin";
    service.spec.home = "/opt/data";
    service.spec.port = 9300;
    service.spec.environment = {{"PATH", "/own/bin"}, {"GATEWAYCTL_PORT", "80"}, {"X", "1"}};
    const auto environment = host_environment(service);
    const auto count = [&](const std::string& key, const std::string& value) {
        return std::count(environment.begin(), environment.end(), std::pair(key, value));
    };
    CHECK(count("PATH", "/own/bin") == 1);
    CHECK(count("PATH", "/usr/bin") == 0);
    CHECK(count("GATEWAYCTL_PORT", "80") == 1);
    CHECK(count("X", "1") == 1);
    CHECK(count("HERMES_SUPERVISED_CHILD", "1") == 1);
}

TEST_CASE("PATH keeps the directory of the symlink, once, before the usual ones") {
    CHECK(host_path({"/home/ann/.local/bin/hermes", "/home/ann/.local/bin/gatewayctl"}) ==
          "/home/ann/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    CHECK(host_path({"/usr/bin/env"}).starts_with("/usr/bin:/usr/local/sbin"));
}

TEST_CASE("a temporary home never becomes a service (field report #106611)") {
    for (const char* home : {"/tmp", "/tmp/x", "/var/tmp/x/y", "/dev/shm/h", "/scratch/h",
                             "/private/var/folders/ab/cd/T/h"}) {
        CAPTURE(home);
        const auto refused = check_installable(spec_at(home, 1000), {}, "/scratch");
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Errc::bad_config);
        CHECK(refused.error().next.find("--temporary-home") != std::string::npos);
        CHECK(check_installable(spec_at(home, 1000),
                                {InstallExceptions::TemporaryHome::allowed, {}}, "/scratch"));
    }
    for (const char* home : {"/tmpfoo", "/opt/data", "/home/ann/tmp"}) {
        CAPTURE(home);
        CHECK(check_installable(spec_at(home, 1000), {}, ""));
    }
}

TEST_CASE("root found by accident is refused, root asked for is not") {
    const auto refused = check_installable(spec_at("/opt/data", 0), {}, "");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().next.find("--run-as-root") != std::string::npos);
    CHECK(check_installable(spec_at("/opt/data", 0), {{}, InstallExceptions::RootGateway::allowed},
                            ""));
}

TEST_CASE("paths that no service file can hold are refused") {
    for (const std::string path :
         {"relative", "", "/a\nb", "/a\tb", "/a ", "/a\\", "/\xff", "/a\x7f"}) {
        CAPTURE(path);
        CHECK_FALSE(check_service_path(path));
    }
    for (const std::string path :
         {"/", "/o'brien/50% \"of\" $HOME", "/\xC3\xA9t\xC3\xA9", "/a\\b"}) {
        CAPTURE(path);
        CHECK(check_service_path(path));
    }
}

TEST_CASE("a command is fronted by run only when it is this tool's run") {
    CHECK(is_fronted_by_run({"gatewayctl", "run", "--", "hermes"}));
    CHECK(is_fronted_by_run({"/usr/bin/gatewayctl", "run"}));
    CHECK_FALSE(is_fronted_by_run({"hermes", "run"}));
    CHECK_FALSE(is_fronted_by_run({"notgatewayctl", "run"}));
    CHECK_FALSE(is_fronted_by_run({"gatewayctl"}));
}
