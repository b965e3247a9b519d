#include "base/json_object.hpp"
#include "rules/gateway_state.hpp"
#include "support.hpp"

using namespace gw;

namespace {
std::string nested(int depth) {
    return R"({"a":)" + std::string(static_cast<std::size_t>(depth - 1), '[') + "1" +
           std::string(static_cast<std::size_t>(depth - 1), ']') + "}";
}
} // namespace

TEST_CASE("json: every recorded state file is an object") {
    for (const auto& entry :
         std::filesystem::directory_iterator(test::data_directory() / "fixtures" / "state")) {
        CAPTURE(entry.path());
        CHECK(parse_json_object(test::content_of(entry.path())));
    }
}

TEST_CASE("json: every broken state file gets its own answer") {
    enum class Is { corrupt, object };
    const std::vector<std::pair<std::string, Is>> table = {
        {"array", Is::corrupt},
        {"binary", Is::corrupt},
        {"deep", Is::corrupt},
        {"desired-list", Is::object},
        {"desired-newline", Is::object},
        {"desired-unknown", Is::object},
        {"empty", Is::corrupt},
        {"latin1", Is::corrupt},
        {"nul", Is::corrupt},
        {"null", Is::corrupt},
        {"number-state", Is::object},
        {"string", Is::corrupt},
        {"truncated", Is::corrupt},
    };
    const auto directory = test::data_directory() / "fixtures" / "bad";
    CHECK(table.size() ==
          static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory),
                                                 std::filesystem::directory_iterator{})));
    for (const auto& [name, expected] : table) {
        CAPTURE(name);
        const auto parsed = parse_json_object(test::fixture(std::string("bad/") + name + ".json"));
        CHECK(parsed.has_value() == (expected == Is::object));
        if (!parsed) {
            CHECK(parsed.error().code == Errc::corrupt);
            CHECK_FALSE(parsed.error().message.empty());
        }
    }
}

TEST_CASE("json: what readers of the field accept is written back to the byte") {
    for (const std::string value :
         {"NaN", "Infinity", "-Infinity", "18446744073709551616", "-9223372036854775809",
          "123456789012345678901234567890.5", "1e400", "-1E-7", "1e5", "0.10", "1.50", "1.5",
          R"("\ud800")", R"("a\udfffb\n\"")", R"("\udc00\ud800 \\ud800")",
          R"([NaN,[1e999,"\ud83d"]])", R"({"\ud800":1,"in":-Infinity})"}) {
        CAPTURE(value);
        const std::string text = R"({"gateway_state":"running","pid":4711,"odd":)" + value + "}";
        const auto parsed = parse_json_object(text);
        REQUIRE(parsed);
        CHECK(to_json_line(*parsed) == text + "\n");
        CHECK(read_gateway_state(*parsed).gateway_state == "running");
        CHECK((*parsed)["pid"] == 4711);
    }
}

TEST_CASE("json: what looks like such a value and is none is corrupt") {
    for (const char* value :
         {"NaNa", "nan", "Infinit", "--Infinity", "+1e5", "01e5", "1e", "1e5.5", "NaNNaN", ".5e1",
          R"("\ud80")", R"("\ud800)", R"("\ud800\x")", "\"\\ud800\n\"", R"("\u0000kept:NaN")",
          R"("\u0000kept:1,\"a\":2")"}) {
        CAPTURE(value);
        CHECK_FALSE(parse_json_object(std::string(R"({"odd":)") + value + "}"));
    }
}

TEST_CASE("json: a byte order mark is tolerated, once") {
    CHECK(parse_json_object("\xEF\xBB\xBF{}")); // nlohmann's parser skips it
    CHECK_FALSE(parse_json_object("\xEF\xBB\xBF\xEF\xBB\xBF{}"));
    CHECK_FALSE(parse_json_object("\xEF\xBB\xBF"));
    CHECK_FALSE(parse_json_object("\xFF\xFE{\0}\0"));
}

TEST_CASE("json: nesting is capped") {
    CHECK(parse_json_object(nested(max_json_depth)));
    const auto deeper = parse_json_object(nested(max_json_depth + 1));
    REQUIRE_FALSE(deeper);
    CHECK(deeper.error().message.find("deeper") != std::string::npos);
    CHECK_FALSE(parse_json_object(std::string(max_json_bytes, '[')));
}

TEST_CASE("json: size is capped") {
    const std::string head = R"({"a":")";
    const std::string tail = R"("})";
    const std::string filling(max_json_bytes - head.size() - tail.size(), 'x');
    CHECK(parse_json_object(head + filling + tail));
    const auto larger = parse_json_object(head + filling + "x" + tail);
    REQUIRE_FALSE(larger);
    CHECK(larger.error().message.find("too large") != std::string::npos);
}

TEST_CASE("json: what follows the object, comments and invalid UTF-8 are corrupt") {
    for (const std::string text :
         {"{} {}", "{}x", "{/* */}", "{\"a\":\"\xE9\"}", "{'a':1}", "{\"a\":1,}"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_json_object(text));
    }
}

TEST_CASE("json: unknown keys and the order of keys survive") {
    for (const std::string name : {"state/extra-keys.json", "state/intent-running-by-cli.json"}) {
        const auto text = test::fixture(name);
        const auto parsed = parse_json_object(text);
        REQUIRE(parsed);
        CHECK(std::string(to_json_line(*parsed)) ==
              text.substr(0, text.find_last_not_of('\n') + 1) + "\n");
    }
}

TEST_CASE("json: writing text that is not UTF-8 does not throw") {
    CHECK(to_json_line({{"a", "\xE9"}}) == "{\"a\":\"\xEF\xBF\xBD\"}\n");
}

TEST_CASE("json: an object of many keys has them in order, and of a key that comes twice the last "
          "value") {
    std::string text = "{";
    for (int i = 0; i < 50'000; ++i) {
        text += "\"k" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    }
    const auto parsed = parse_json_object(text + R"("k7":{"a":[1,{"a":2,"a":3}]},"end":null})");
    REQUIRE(parsed);
    CHECK(parsed->size() == 50'001);
    CHECK(parsed->begin().key() == "k0");
    CHECK((*parsed)["k7"].dump() == R"({"a":[1,{"a":3}]})");
    CHECK(to_json_line(*parsed).starts_with(R"({"k0":0,"k1":1,)"));
}

TEST_CASE("json: what would not be read back is not made a file") {
    const Json fits = {{"a", std::string(max_json_bytes - 10, 'x')}};
    const Json larger = {{"a", std::string(max_json_bytes - 8, 'x')}};
    REQUIRE(to_json_file(fits));
    CHECK(parse_json_object(*to_json_file(fits)));
    CHECK(!to_json_file(larger));
    CHECK(!parse_json_object(to_json_line(larger)));
}
