#include "rules/gateway_state.hpp"
#include "support.hpp"

using namespace gw;

namespace {
GatewayState read(const std::string& text) {
    const auto json = parse_json_object(text);
    REQUIRE(json);
    return read_gateway_state(*json);
}
GatewayState read_fixture(const std::string& name) {
    return read(test::fixture("state/" + name + ".json"));
}
} // namespace

TEST_CASE("gateway state: the recorded files say what their names say") {
    for (const std::string word :
         {"starting", "running", "draining", "degraded", "stopped", "startup_failed"}) {
        CAPTURE(word);
        const auto state = read_fixture(word);
        CHECK(state.gateway_state == word);
        CHECK_FALSE(state.desired);
        CHECK(state.process == ProcessIdentity{Pid{3842}, StartTime{274219}});
    }
    CHECK(read_fixture("with-bom").gateway_state == "running");
    CHECK(read_fixture("extra-keys").gateway_state == "running");
    CHECK(read_fixture("intent-running-by-cli").desired->state == DesiredState::running);
    CHECK(read_fixture("intent-stopped-runtime-running").desired->state == DesiredState::stopped);
    const auto failed = read_fixture("intent-running-runtime-failed");
    CHECK(failed.desired->state == DesiredState::running);
    CHECK(failed.gateway_state == "startup_failed");
    CHECK(read_fixture("migrated-legacy").desired->state == DesiredState::running);
    CHECK_FALSE(read_fixture("migrated-legacy").process);
}

TEST_CASE("gateway state: an odd type is an answer that is neither running nor stopped") {
    for (const std::string text : {R"({"desired_state":["running"]})", R"({"desired_state":{}})",
                                   R"({"desired_state":1})", R"({"desired_state":true})",
                                   R"({"desired_state":""})", R"({"desired_state":"running\n"})"}) {
        CAPTURE(text);
        const auto state = read(text);
        REQUIRE(state.desired);
        CHECK_FALSE(state.desired->state);
    }
    CHECK_FALSE(read(R"({"desired_state":null})").desired);
    CHECK_FALSE(read("{}").desired);
    CHECK(read(R"({"gateway_state":7})").gateway_state == "7");
    CHECK(read(R"({"gateway_state":["running"]})").gateway_state == R"(["running"])");
    CHECK_FALSE(read(R"({"gateway_state":null})").gateway_state);
    CHECK_FALSE(read("{}").gateway_state);
}

TEST_CASE("gateway state: a generation is a whole number that is not negative") {
    CHECK(read(R"({"desired_generation":7})").desired_generation == 7);
    for (const std::string text : {"-1", "1.5", "\"7\"", "null", "[7]"}) {
        CAPTURE(text);
        CHECK_FALSE(read(std::string(R"({"desired_generation":)") + text + "}").desired_generation);
    }
}

TEST_CASE("gateway state: a pid that no process can have is no pid") {
    CHECK(read(R"({"pid":1})").process == ProcessIdentity{Pid{1}, std::nullopt});
    CHECK(read(R"({"pid":2147483647})").process->pid == Pid{2147483647});
    for (const std::string pid :
         {"0", "-1", "2147483648", "18446744073709551615", "\"1\"", "1.0", "null"}) {
        CAPTURE(pid);
        CHECK_FALSE(read(std::string(R"({"start_time":5,"pid":)") + pid + "}").process);
    }
}

TEST_CASE("gateway state: running, draining and degraded were alive, nothing else was") {
    for (const std::string word : {"running", "draining", "degraded"}) {
        CHECK(was_alive(word));
    }
    for (const std::string word :
         {"starting", "stopped", "startup_failed", "", "RUNNING", "running\n"}) {
        CAPTURE(word);
        CHECK_FALSE(was_alive(word));
    }
    CHECK_FALSE(was_alive(std::nullopt));
}

TEST_CASE("gateway state: a life that is starting keeps whether the one before it comes back") {
    const auto after = [](const std::string& before) {
        Json file = parse_json_object(before).value();
        keep_steady_state(file);
        file["gateway_state"] = "starting";
        file["restart_requested"] = false;
        return comes_back(read_gateway_state(file));
    };
    CHECK(after(R"({"gateway_state":"running"})"));
    CHECK(after(R"({"gateway_state":"draining"})"));
    CHECK(after(R"({"gateway_state":"stopped","restart_requested":true})"));
    CHECK(after(R"({"gateway_state":"starting","last_steady_state":"running"})"));
    CHECK_FALSE(after(R"({"gateway_state":"stopped","last_steady_state":"running"})"));
    CHECK_FALSE(after(R"({"gateway_state":"startup_failed"})"));
    CHECK_FALSE(after(R"({"gateway_state":"starting"})"));
    CHECK_FALSE(after("{}"));
}

TEST_CASE("gateway state: what was kept for a start says nothing of a state that answers itself") {
    CHECK_FALSE(comes_back(read(R"({"gateway_state":"stopped","last_steady_state":"running"})")));
}
