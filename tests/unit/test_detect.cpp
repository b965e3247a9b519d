#include "supervise/detect.hpp"
#include "support.hpp"

using namespace gw::supervise;

TEST_CASE("detect: s6 is PID 1 s6-svscan and its basedir, both") {
    CHECK(detect({.pid1_comm = "s6-svscan", .s6_basedir = true}) == ManagerKind::s6);
    CHECK(detect({.pid1_comm = "s6-svscan", .s6_basedir = false}) == std::nullopt);
    CHECK(detect({.pid1_comm = "bash", .s6_basedir = true}) == std::nullopt);
}

TEST_CASE("detect: then launchd, then a systemd that answers, else nothing") {
    CHECK(detect({.pid1_comm = "s6-svscan", .s6_basedir = true, .systemd_answers = true}) ==
          ManagerKind::s6);
    CHECK(detect({.pid1_comm = "launchd", .macos = true, .systemd_answers = true}) ==
          ManagerKind::launchd);
    CHECK(detect({.pid1_comm = "systemd", .systemd_answers = true}) == ManagerKind::systemd);
    CHECK(detect({.pid1_comm = "systemd"}) == std::nullopt);
}
