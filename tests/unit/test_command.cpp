#include "support.hpp"
#include "sys/command.hpp"

using namespace gw;

namespace {

int code_of(const std::string& script) {
    const auto output = sys::query({"sh", "-c", script}, std::chrono::seconds{10});
    REQUIRE(output);
    return output->exit_code;
}

} // namespace

TEST_CASE("a tool's exit code arrives as it is, a signal as 128 + n") {
    for (const int code : {0, 1, 9, 100, 111, 113, 125}) {
        CHECK(code_of("exit " + std::to_string(code)) == code);
    }
    CHECK(code_of("kill -9 $$") == 137);
}
