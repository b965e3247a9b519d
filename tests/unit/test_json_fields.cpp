#include "base/json_fields.hpp"
#include "support.hpp"

using namespace gw;

namespace {
Json object(const char* text) {
    return parse_json_object(text).value();
}
} // namespace

TEST_CASE("json fields: what has another type is as absent as what is not there") {
    const auto json =
        object(R"({"text": "a", "number": 7, "null": null, "list": [], "yes": true})");
    CHECK(text_field(json, "text") == "a");
    for (const char* key : {"number", "null", "list", "yes", "nowhere"}) {
        CAPTURE(key);
        CHECK(text_field(json, key).empty());
    }
    CHECK(number_field<int>(json, "number") == 7);
    for (const char* key : {"text", "null", "list", "yes", "nowhere"}) {
        CAPTURE(key);
        CHECK_FALSE(number_field<int>(json, key));
    }
    CHECK(is_true(json, "yes"));
    for (const char* key : {"text", "number", "null", "list", "nowhere"}) {
        CAPTURE(key);
        CHECK_FALSE(is_true(json, key));
    }
}

TEST_CASE("json fields: a number that does not fit is none") {
    const auto json = object(R"({"large": 18446744073709551615, "below": -1, "real": 1.5,
                                 "port": 65536})");
    CHECK(number_field<std::uint64_t>(json, "large") == UINT64_MAX);
    CHECK_FALSE(number_field<std::int64_t>(json, "large"));
    CHECK(number_field<std::int64_t>(json, "below") == -1);
    CHECK_FALSE(number_field<std::uint64_t>(json, "below"));
    CHECK_FALSE(number_field<int>(json, "real"));
    CHECK_FALSE(number_field<std::uint16_t>(json, "port"));
}

TEST_CASE("json fields: a pid is a process's number") {
    const auto json = object(R"({"one": 1, "zero": 0, "below": -5, "large": 4294967297,
                                 "text": "1", "real": 1.0})");
    CHECK(pid_field(json, "one") == Pid{1});
    for (const char* key : {"zero", "below", "large", "text", "real", "nowhere"}) {
        CAPTURE(key);
        CHECK_FALSE(pid_field(json, key));
    }
}
