#include "rules/findings.hpp"
#include "support.hpp"

#include <set>

using namespace gw;

namespace {
const ProfileName profile = *ProfileName::parse("a"); // NOLINT(cert-err58-cpp)
constexpr int codes = static_cast<int>(FindingCode::down_against_intent) + 1;
} // namespace

TEST_CASE("finding: one line says what, why and the cure, as far as they are known") {
    CHECK(to_line({"c", "a", "what", "why", "cure"}) == "what: why (cure)");
    CHECK(to_line({"c", "a", "what", "", "cure"}) == "what (cure)");
    CHECK(to_line({"c", "a", "what", "why", ""}) == "what: why");
    CHECK(to_line({"c", "a", "what", "", ""}) == "what");
}

TEST_CASE("finding: every code has a word of its own") {
    std::set<std::string_view> words;
    for (int i = 0; i < codes; ++i) {
        words.insert(to_string(static_cast<FindingCode>(i)));
    }
    CHECK(words.size() == codes);
    CHECK(to_string(FindingCode::drift) == "drift");
    CHECK(to_string(FindingCode::unusable_intent_file) == "unusable-intent-file");
}

TEST_CASE("finding: the cure is a command of the supervisor that has the gateway") {
    struct Row {
        FindingCode code;
        std::string boot_pass;
        std::string install;
    };
    const std::vector<Row> table = {
        {FindingCode::drift, "gatewayctl reconcile", "gatewayctl install a"},
        {FindingCode::not_registered, "gatewayctl start a", "gatewayctl install a"},
        {FindingCode::profile_gone, "gatewayctl unregister a", "gatewayctl uninstall a"},
        {FindingCode::parked, "gatewayctl start a", "gatewayctl start a"},
        {FindingCode::down_against_intent, "gatewayctl start a", "gatewayctl start a"},
        {FindingCode::up_against_intent, "gatewayctl stop a", "gatewayctl stop a"},
        {FindingCode::no_such_profile, "gatewayctl list", "gatewayctl list"},
        {FindingCode::old_intent_written_back, "", ""},
    };
    for (const auto& row : table) {
        CAPTURE(to_string(row.code));
        CHECK(cure_for(row.code, Upkeep::boot_pass, profile) == row.boot_pass);
        CHECK(cure_for(row.code, Upkeep::install, profile) == row.install);
    }
}

TEST_CASE("finding: it carries its code, its subject and its cure") {
    const auto parked = finding(FindingCode::parked, Upkeep::boot_pass, profile, "parked", "why");
    CHECK(parked.code == "parked");
    CHECK(parked.subject == "a");
    CHECK(to_line(parked) == "parked: why (gatewayctl start a)");
    CHECK(finding(FindingCode::drift, "b", "what").cure.empty());
}
