#include "rules/gateway_command.hpp"

#include "base/text.hpp"

#include <doctest/doctest.h>

using namespace gw;

namespace {

Argv words(std::string_view line) {
    Argv argv;
    for (const auto word : words_of(line)) {
        argv.emplace_back(word);
    }
    return argv;
}

} // namespace

TEST_CASE("gateway command: known in every shape that starts one") {
    for (const char* line :
         {"hermes gateway run", "/opt/venv/bin/hermes gateway run --replace",
          "/usr/bin/python3 -B /opt/venv/bin/hermes -p chat gateway run",
          "python -m hermes_cli.main gateway run", "python /x/hermes_cli/main.py gateway restart",
          "hermes gateway", "hermes-gateway", "python /opt/hermes/gateway/run.py",
          "gatewayctl run -- hermes gateway run --replace"}) {
        CAPTURE(line);
        CHECK(parse_gateway_command(words(line)));
    }
    for (const char* line : {"", "hermes", "hermes gateway status", "hermes dashboard",
                             "python tui_gateway run", "gateway run", "sleep 1000",
                             "hermes -p gateway status", "/opt/hermes/bin/tool gateway run"}) {
        CAPTURE(line);
        CHECK_FALSE(parse_gateway_command(words(line)));
    }
}

TEST_CASE("gateway command: the profile may stand anywhere, and be called gateway") {
    for (const char* line : {"hermes -p chat gateway run", "hermes gateway run --profile chat",
                             "hermes --profile=chat gateway run", "hermes gateway -p=chat run"}) {
        CAPTURE(line);
        const auto command = parse_gateway_command(words(line));
        REQUIRE(command);
        CHECK(command->profile == "chat");
        CHECK_FALSE(command->replaces);
    }
    const auto odd = parse_gateway_command(words("hermes -p gateway gateway run --replace"));
    REQUIRE(odd);
    CHECK(odd->profile == "gateway");
    CHECK(odd->replaces);
}

TEST_CASE("gateway command: it serves the profile that it names, and without one the root's") {
    const GatewayCommand bare{};
    const GatewayCommand chat{"chat", false};
    CHECK(serves(bare, "/opt/data"));
    CHECK_FALSE(serves(bare, "/opt/data/profiles/chat"));
    CHECK(serves(chat, "/opt/data/profiles/chat"));
    CHECK_FALSE(serves(chat, "/opt/data/profiles/chat-2"));
    CHECK_FALSE(serves(chat, "/opt/data"));
    CHECK(serves({"default", false}, "/opt/data"));
}
