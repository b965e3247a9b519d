#include "base/text.hpp"
#include "support.hpp"

#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <memory>

using namespace gw;

namespace {

/// What a real /bin/sh makes of a command line.
std::string output_of_shell(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "re"), ::pclose);
    REQUIRE(pipe);
    std::string output;
    std::array<char, 4096> chunk{};
    while (const auto n = std::fread(chunk.data(), 1, chunk.size(), pipe.get())) {
        output.append(chunk.data(), n);
    }
    return output;
}

} // namespace

TEST_CASE("printable: text stays, also beyond ASCII") {
    for (const std::string text :
         {"", "worker", "a b", "caf\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
          "\xC2\xA0" /* U+00A0, the first behind the C1 controls */}) {
        CAPTURE(text);
        CHECK(printable(text) == text);
    }
}

TEST_CASE("printable: control characters, C1 included, and what is not UTF-8 are escaped") {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"a\nb", R"(a\nb)"},
        {"\t\r", R"(\t\r)"},
        {"\x1b[2J", R"(\x1b[2J)"},
        {std::string("\0", 1), R"(\x00)"},
        {"\x7f", R"(\x7f)"},
        {"\\", R"(\\)"},
        {"\xC2\x9B"
         "31m",
         R"(\xc2\x9b31m)"},                          // U+009B, CSI of C1
        {"\xC2\x80", R"(\xc2\x80)"},                 // first of C1
        {"caf\xE9", R"(caf\xe9)"},                   // Latin-1
        {"\xC3", R"(\xc3)"},                         // cut short
        {"\xC0\x8A", R"(\xc0\x8a)"},                 // overlong newline
        {"\xE0\x80\x8A", R"(\xe0\x80\x8a)"},         // overlong newline
        {"\xED\xA0\x80", R"(\xed\xa0\x80)"},         // surrogate
        {"\xF4\x90\x80\x80", R"(\xf4\x90\x80\x80)"}, // above U+10FFFF
        {"\x80\xFF", R"(\x80\xff)"},
    };
    for (const auto& [raw, escaped] : table) {
        CAPTURE(escaped);
        CHECK(printable(raw) == escaped);
    }
}

TEST_CASE("printable: different bytes never look the same") {
    CHECK(printable("a\n") != printable("a\\n"));
    CHECK(printable("\x1b") != printable("\\x1b"));
}

TEST_CASE("shortened: a long word is cut, never within a character") {
    const std::string eighty(80, 'x');
    const std::string one_less = eighty.substr(1);
    CHECK(shortened(eighty) == eighty);
    CHECK(shortened(fmt::format("{}x", eighty)) == fmt::format("{}...", eighty));
    CHECK(shortened(fmt::format("{}\xC3\xA9", one_less)) == fmt::format("{}...", one_less));
    CHECK(shortened(std::string(1000, '\x80')) == "...");
}

TEST_CASE("log_value: one word, never more") {
    CHECK(log_value("running") == "running");
    CHECK(log_value("a b\"c\nd") == R"(a\x20b\x22c\nd)");
    CHECK(log_value("") == "\"\"");
    CHECK(log_value(std::string(500, ' ')).size() < 400);
}

TEST_CASE("shell_quote: a real /bin/sh gives every word back") {
    std::string all_bytes;
    for (int c = 1; c < 256; ++c) {
        all_bytes += static_cast<char>(c);
    }
    const std::vector<std::string> words = {
        "",         "plain", "a b",     "it's",  "'''",         "$HOME `id` $(id)", "a\nb\n", "-n",
        "*?[a]~#!", "\\",    "\"quo\"", "a;b|c", "caf\xC3\xA9", "\xFF\xFE",         all_bytes};
    for (const auto& word : words) {
        CAPTURE(word);
        CHECK(output_of_shell("printf '%s|' " + shell_quote(word)) == word + "|");
    }
    CHECK(output_of_shell("printf '<%s>' " + shell_join(words)).size() > words.size() * 2);
}

TEST_CASE("shell_join: as many words come out as went in") {
    const std::vector<std::string> words = {"a b", "", "it's", "c"};
    CHECK(output_of_shell("printf '<%s>' " + shell_join(words)) == "<a b><><it's><c>");
    CHECK(shell_join({}).empty());
}

TEST_CASE("fill_template: known keys are replaced once, everything else stays") {
    const Replacement values[] = {{"A", "one"}, {"B", "@A@"}, {"EMPTY", ""}};
    const std::vector<std::pair<std::string, const char*>> table = {
        {"", ""},
        {"no key", "no key"},
        {"@A@", "one"},
        {"x@A@y@A@z", "xoneyonez"},
        {"@B@", "@A@"}, // a value is not looked at again
        {"<@EMPTY@>", "<>"},
        {"@UNKNOWN@ @A@", "@UNKNOWN@ one"},
        {"a@b @A@", "a@b one"},
        {"\"$@\" @A@", "\"$@\" one"},
        {"@A", "@A"},
        {"@", "@"},
        {"@@A@", "@one"},
    };
    for (const auto& [text, filled] : table) {
        CAPTURE(text);
        CHECK(fill_template(text, values) == filled);
    }
}

TEST_CASE("is_truthy: 1, true, yes, on in any case; anything else is off") {
    for (const std::string on : {"1", "true", "TRUE", "Yes", "on", " 1 ", "yes\n"}) {
        CAPTURE(on);
        CHECK(is_truthy(on));
    }
    for (const std::string off :
         {"", " ", "0", "false", "no", "off", "2", "maybe", "truely", "1 1"}) {
        CAPTURE(off);
        CHECK_FALSE(is_truthy(off));
    }
}

TEST_CASE("trimmed: blanks at both ends go, those inside stay") {
    CHECK(trimmed("  a b\t\r\n") == "a b");
    CHECK(trimmed("").empty());
    CHECK(trimmed(" \n").empty());
}

TEST_CASE("text: JSON for a terminal has no control character that JSON lets through") {
    CHECK(escape_controls("{\"a\":\"\x7f\xC2\x9B"
                          "31m\xC3\xA9\"}") == "{\"a\":\"\\u007f\\u009b31m\xC3\xA9\"}");
    CHECK(escape_controls("\xC2") == "\xC2");
}
