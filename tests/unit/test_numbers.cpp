#include "base/numbers.hpp"
#include "support.hpp"

using namespace gw;

TEST_CASE("numbers: the whole text is the number, or there is none") {
    CHECK(parse_number<int>("42") == 42);
    CHECK(parse_number<int>("-42") == -42);
    CHECK(parse_number<std::uint64_t>("18446744073709551615") == UINT64_MAX);
    for (const char* text : {"", " 42", "42 ", "42x", "x", "+42", "4.2", "0x10"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_number<int>(text));
    }
    CHECK(parse_number<int>("ff", 16) == 255);
}

TEST_CASE("numbers: one that does not fit its type is none") {
    CHECK(parse_number<std::uint16_t>("65535") == 65535);
    CHECK_FALSE(parse_number<std::uint16_t>("65536"));
    CHECK_FALSE(parse_number<std::uint16_t>("-1"));
    CHECK_FALSE(parse_number<std::uint64_t>("18446744073709551616"));
    CHECK_FALSE(leading_number<std::uint16_t>("65536 x"));
}

TEST_CASE("numbers: a text may begin with a number") {
    CHECK(leading_number<int>("42\nrest") == 42);
    CHECK(leading_number<std::uint64_t>("00ff\n", 16) == 255);
    CHECK_FALSE(leading_number<int>(" 42"));
    CHECK_FALSE(leading_number<int>(""));
}

TEST_CASE("numbers: a pid is positive and no larger than a kernel gives") {
    CHECK(parse_pid("1") == Pid{1});
    CHECK(parse_pid("2147483647") == Pid{2147483647});
    for (const char* text : {"0", "-1", "2147483648", "99999999999999999999", "1x", "self", ""}) {
        CAPTURE(text);
        CHECK_FALSE(parse_pid(text));
    }
    CHECK_FALSE(to_pid(0));
    CHECK_FALSE(to_pid(INT64_MAX));
}
