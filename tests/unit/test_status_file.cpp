#include "supervise/s6/status_file.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace gw;

namespace {

/// As s6-supervise of s6 2.11.3 wrote it.
std::string status(const char* hexadecimal) {
    std::string bytes;
    for (const char* at = hexadecimal; *at != '\0';) {
        if (*at == ' ') {
            ++at;
            continue;
        }
        bytes += static_cast<char>(std::stoi(std::string(at, 2), nullptr, 16));
        at += 2;
    }
    return bytes;
}

} // namespace

TEST_CASE("the status file of a service that is up") {
    const auto seen = supervise::parse_status_file(
        status("40000000 6b07aac3 30fde5f5 40000000 6b07aac3 3096e1d1 00000000 0000049b 0000 04"));
    REQUIRE(seen);
    CHECK(seen->up);
    CHECK(seen->wants_up);
    CHECK_FALSE(*seen->ready);
    REQUIRE(seen->process);
    CHECK(seen->process->pid.value == 0x49b);
    CHECK_FALSE(seen->last_exit);
    CHECK(seen->change == "@400000006b07aac330fde5f5");
    CHECK(seen->since == 0x6b07aac3 - 37);
}

TEST_CASE("the status file of a service that was taken down") {
    const auto seen = supervise::parse_status_file(
        status("40000000 6b07aac4 3546b784 40000000 6b07aac4 357057ee 00000000 00000000 000f 08"));
    REQUIRE(seen);
    CHECK_FALSE(seen->up);
    CHECK_FALSE(seen->wants_up);
    CHECK_FALSE(seen->process);
    REQUIRE(seen->last_exit);
    CHECK(seen->last_exit->signal == 15);
}

TEST_CASE("the status file of another version is not guessed at") {
    CHECK_FALSE(supervise::parse_status_file(""));
    CHECK_FALSE(supervise::parse_status_file(std::string(43, '\0')));
}
