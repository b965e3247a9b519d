#include "fakes.hpp"
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

TEST_CASE("of many tools each has its own answer, at most so many run at once") {
    const test::TemporaryHome counter;
    std::vector<Argv> tools;
    for (int i = 0; i < 40; ++i) {
        tools.push_back(
            {"sh", "-c",
             "touch $0/$$; ls $0 | grep -c ^[0-9]; sleep 0.02; rm $0/$$; exit " + std::to_string(i),
             counter.path() + "/profiles/a"});
    }
    const auto answers = sys::query_all(tools, std::chrono::seconds{10});
    REQUIRE(answers.size() == tools.size());
    std::size_t most = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        REQUIRE(answers[i]);
        CHECK(answers[i]->exit_code == static_cast<int>(i));
        most = std::max(most, static_cast<std::size_t>(std::stoul(answers[i]->out)));
    }
    CHECK(most > 1);
    CHECK(most <= sys::most_tools_at_once);
}

TEST_CASE("one tool that hangs takes nothing from the others") {
    const std::vector<Argv> tools = {{"sleep", "1000"}, {"no-such-tool"}, {"echo", "here"}};
    const auto answers = sys::query_all(tools, std::chrono::milliseconds{200});
    REQUIRE(answers.size() == 3);
    CHECK(answers[0].error().code == Errc::timed_out);
    CHECK(answers[1].error().code == Errc::command_failed);
    REQUIRE(answers[2]);
    CHECK(answers[2]->out == "here\n");
}
