#include "rules/container_command.hpp"
#include "support.hpp"

using namespace gw;

namespace {
constexpr const char* wrapper = "main-wrapper.sh";
const std::string path = "/opt/hermes/docker/main-wrapper.sh";
} // namespace

TEST_CASE("container command: the wrapper is found whatever the shape of the init") {
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
        const std::vector<ProcessCommand> processes = {
            {Pid{1}, Pid{0}, {"s6-svscan", "/run/service"}},
            {Pid{7}, Pid{1}, {}},
            {Pid{80}, Pid{70}, argv},
            {Pid{81}, Pid{80}, {"sleep", "1"}}};
        CHECK(find_container_command(processes, wrapper) == command);
    }
}

TEST_CASE("container command: without a wrapper, the words of the init, and of no other process") {
    const Argv command = {"gateway", "run"};
    const Argv init = {"/init", "gateway", "run"};
    const Argv rc_init = {"/bin/sh", "-e",      "/run/s6/basedir/scripts/rc.init",
                          "top",     "gateway", "run"};
    const auto found = [](Pid pid, Pid parent, const Argv& argv) {
        const std::vector<ProcessCommand> processes = {{Pid{90}, Pid{1}, {"sleep", "1"}},
                                                       {pid, parent, argv}};
        return find_container_command(processes, wrapper);
    };
    CHECK(found(Pid{1}, Pid{0}, init) == command);
    CHECK(found(Pid{1}, Pid{0}, rc_init) == command);
    CHECK(found(Pid{30}, Pid{1}, rc_init) == command);
    // another container's, in sight of this one
    CHECK_FALSE(found(Pid{30}, Pid{1}, init));
    CHECK_FALSE(found(Pid{30}, Pid{29}, rc_init));
    CHECK_FALSE(found(Pid{30}, Pid{0}, rc_init));
    // no init of a container that was given a command
    CHECK_FALSE(found(Pid{1}, Pid{0}, {"/init"}));
    CHECK_FALSE(found(Pid{1}, Pid{0}, {"/sbin/init", "gateway", "run"}));
    CHECK_FALSE(found(Pid{1}, Pid{0}, {"sh", "/run/s6/basedir/scripts/rc.init", "top"}));
    CHECK_FALSE(found(Pid{30}, Pid{1}, {"less", "rc.init", "gateway", "run"}));
}

TEST_CASE("container command: the wrapper beats the init's own words") {
    const std::vector<ProcessCommand> both = {{Pid{1}, Pid{0}, {"/init", "dashboard"}},
                                              {Pid{9}, Pid{8}, {path, "gateway", "run"}}};
    CHECK(find_container_command(both, wrapper) == Argv{"gateway", "run"});
}

TEST_CASE("container command: neither wrapper nor init, no command") {
    const std::vector<ProcessCommand> processes = {
        {Pid{1}, Pid{0}, {"s6-svscan", "/run/service"}},
        {Pid{2}, Pid{1}, {}},
        {Pid{3}, Pid{1}, {"sh", "-c", path + " gateway run"}},
        {Pid{4}, Pid{1}, {"not-main-wrapper.sh", "dashboard"}}};
    CHECK_FALSE(find_container_command(processes, wrapper));
    CHECK_FALSE(find_container_command({}, wrapper));
}

TEST_CASE("container command: the wrapper without arguments is an empty command") {
    const std::vector<ProcessCommand> processes = {{Pid{1}, Pid{0}, {"/init", path}}};
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
