#include "base/profile_name.hpp"
#include "support.hpp"

#include <algorithm>

using namespace gw;

TEST_CASE("profile name: letters, digits, underscore and hyphen, a letter or digit first") {
    for (const std::string name : {"a", "0", "worker", "w-1", "w_1", "9lives", "default"}) {
        CAPTURE(name);
        const auto parsed = ProfileName::parse(name);
        REQUIRE(parsed);
        CHECK(parsed->str() == name);
        CHECK(parsed->slot() == "gateway-" + name);
    }
    CHECK(ProfileName::parse(std::string(ProfileName::max_length, 'a')));
}

TEST_CASE("profile name: an invalid one is refused with the reason") {
    const std::vector<std::pair<std::string, std::string>> invalid = {
        {"", "empty"},
        {std::string(ProfileName::max_length + 1, 'a'), "241 characters"},
        {"Michel", "'M'"},
        {"My.Prof", "'M'"},
        {"m m", "' '"},
        {"-a", "begin"},
        {"_a", "begin"},
        {".", "'.'"},
        {"..", "'.'"},
        {"a/b", "'/'"},
        {"a\n", R"('\n')"},
        {std::string("a\0b", 3), R"('\x00')"},
        {"caf\xC3\xA9", R"('\xc3')"},
    };
    for (const auto& [name, why] : invalid) {
        CAPTURE(name);
        const auto parsed = ProfileName::parse(name);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == Errc::usage);
        CHECK(parsed.error().message.find(why) != std::string::npos);
        CHECK(std::none_of(parsed.error().message.begin(), parsed.error().message.end(),
                           [](unsigned char c) { return c < 0x20 || c == 0x7F; }));
    }
}

TEST_CASE("profile name: default comes first, the others by name") {
    std::vector<ProfileName> names;
    for (const std::string name : {"zeta", "default", "alpha", "0"}) {
        names.push_back(*ProfileName::parse(name));
    }
    std::sort(names.begin(), names.end());
    std::string order;
    for (const auto& name : names) {
        order += name.str() + " ";
    }
    CHECK(order == "default 0 alpha zeta ");
    CHECK(ProfileName::root().is_root());
    CHECK(*ProfileName::parse("default") == ProfileName::root());
}

TEST_CASE("profile name: a slot's name leads back to its profile, other names to nothing") {
    REQUIRE(profile_of_slot("gateway-worker"));
    CHECK(profile_of_slot("gateway-worker")->str() == "worker");
    for (const std::string other :
         {"gateway-", "gateway-A", "worker", ".gateway-a.new", "gateway"}) {
        CAPTURE(other);
        CHECK_FALSE(profile_of_slot(other));
    }
}
