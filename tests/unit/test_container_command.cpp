#include "rules/container_command.hpp"
#include "support.hpp"

using namespace gw;

namespace {
constexpr const char* wrapper = "main-wrapper.sh";
const std::string path = "/opt/hermes/docker/main-wrapper.sh";
} // namespace

TEST_CASE("container command: found whatever the shape of the init") {
    const Argv command = {"gateway", "run"};
    const std::vector<std::pair<std::string, Argv>> shapes = {
        {"s6-overlay 2: arguments of PID 1", {"/init", path, "gateway", "run"}},
        {"s6-overlay 3: arguments of rc.init",
         {"/bin/sh", "-e", "/run/s6/basedir/scripts/rc.init", "top", path, "gateway", "run"}},
        {"the wrapper run by its interpreter", {"/bin/bash", path, "gateway", "run"}},
        {"the wrapper itself", {path, "gateway", "run"}},
        {"the wrapper without its directory", {"main-wrapper.sh", "gateway", "run"}},
        {"under tini", {"/usr/bin/tini", "-g", "--", path, "gateway", "run"}},
    };
    for (const auto& [shape, argv] : shapes) {
        CAPTURE(shape);
        const std::vector<Argv> processes = {
            {"s6-svscan", "/run/service"}, {}, argv, {"sleep", "1"}};
        CHECK(find_container_command(processes, wrapper) == command);
    }
}

TEST_CASE("container command: without a wrapper, the words of the init") {
    const Argv command = {"gateway", "run"};
    for (const Argv& init :
         {Argv{"/init", "gateway", "run"},
          Argv{"/bin/sh", "-e", "/run/s6/basedir/scripts/rc.init", "top", "gateway", "run"}}) {
        const std::vector<Argv> processes = {{"sleep", "1"}, init};
        CHECK(find_container_command(processes, wrapper) == command);
    }
    const std::vector<Argv> both = {{"/init", "dashboard"}, {path, "gateway", "run"}};
    CHECK(find_container_command(both, wrapper) == command);
}

TEST_CASE("container command: neither wrapper nor init, no command") {
    const std::vector<Argv> processes = {{"s6-svscan", "/run/service"},
                                         {},
                                         {"sh", "-c", path + " gateway run"},
                                         {"not-main-wrapper.sh", "dashboard"}};
    CHECK_FALSE(find_container_command(processes, wrapper));
    CHECK_FALSE(find_container_command({}, wrapper));
}

TEST_CASE("container command: the wrapper without arguments is an empty command") {
    const std::vector<Argv> processes = {{"/init", path}};
    CHECK(find_container_command(processes, wrapper) == Argv{});
    CHECK(role_of({}) == CommandRole::other);
}

TEST_CASE("container command: the role is in the words, not in the values of options") {
    const std::vector<std::pair<Argv, CommandRole>> table = {
        {{"gateway", "run"}, CommandRole::gateway_run},
        {{"hermes", "gateway", "run"}, CommandRole::gateway_run},
        {{"/opt/hermes/.venv/bin/hermes", "gateway", "run", "--replace"}, CommandRole::gateway_run},
        {{"-p", "worker", "gateway", "run"}, CommandRole::gateway_run},
        {{"hermes", "--profile", "worker", "gateway", "run"}, CommandRole::gateway_run},
        {{"gateway", "--verbose", "run"}, CommandRole::gateway_run},
        {{"dashboard"}, CommandRole::dashboard},
        {{"hermes", "dashboard", "--port", "80"}, CommandRole::dashboard},
        {{"-p", "x", "dashboard"}, CommandRole::dashboard},
        // a profile that is named like a role
        {{"-p", "dashboard", "gateway", "run"}, CommandRole::gateway_run},
        {{"--profile", "dashboard", "gateway", "run"}, CommandRole::gateway_run},
        {{"--profile=dashboard", "gateway", "run"}, CommandRole::gateway_run},
        {{"hermes", "-p", "gateway", "run"}, CommandRole::other},
        // something else altogether
        {{"gateway"}, CommandRole::other},
        {{"gateway", "status"}, CommandRole::other},
        {{"run", "gateway"}, CommandRole::other},
        {{"sh", "-c", "gateway run"}, CommandRole::other},
        {{"sleep", "infinity"}, CommandRole::other},
        {{"-p"}, CommandRole::other},
        {{""}, CommandRole::other},
    };
    for (const auto& [command, role] : table) {
        std::string text;
        for (const auto& word : command) {
            text += word + " ";
        }
        CAPTURE(text);
        CHECK(role_of(command) == role);
    }
}

TEST_CASE("container command: --no-supervise opts out") {
    CHECK(opts_out_of_supervision({"gateway", "run", "--no-supervise"}));
    CHECK_FALSE(opts_out_of_supervision({"gateway", "run"}));
    CHECK_FALSE(opts_out_of_supervision({"gateway", "run", "--no-supervise=0"}));
    CHECK_FALSE(opts_out_of_supervision({}));
}
