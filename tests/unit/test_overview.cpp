#include "base/natural_order.hpp"
#include "cli/output.hpp"
#include "cli/screen.hpp"
#include "inspect/overview.hpp"
#include "support.hpp"

using namespace gw;

TEST_CASE("natural order: numbers in names are numbers") {
    CHECK(natural_less("w2", "w10"));
    CHECK_FALSE(natural_less("w10", "w2"));
    CHECK(natural_less("a2b10", "a2b11"));
    CHECK(natural_less("w09", "w10"));
    CHECK(natural_less("w", "w1"));
    CHECK(natural_less("a", "b"));
    CHECK(natural_less("w02", "w2") != natural_less("w2", "w02")); // an order, not a tie
    CHECK_FALSE(natural_less("w2", "w2"));
    CHECK(natural_less("w99999999999999999999998", "w99999999999999999999999"));
    CHECK(profile_less("default", "a"));
    CHECK_FALSE(profile_less("a", "default"));
    CHECK(profile_less("w2", "w10"));
}

namespace {

inspect::GatewayStatus gateway(const std::string& name, std::optional<Severity> worst = {}) {
    inspect::GatewayStatus status;
    status.profile = *ProfileName::parse(name);
    status.service.registered = status.service.supervised = true;
    status.service.wants_up = status.service.up = !worst;
    if (worst) {
        status.findings.push_back({"code", name, "what", "why", "cure", *worst});
    }
    return status;
}

std::string names_of(const std::vector<inspect::GatewayStatus>& all) {
    std::string names;
    for (const auto& one : all) {
        names += one.profile.str() + " ";
    }
    return names;
}

} // namespace

TEST_CASE("overview: trouble comes first, the worst before the rest, and names in their order") {
    std::vector all = {gateway("w10"),
                       gateway("w2"),
                       gateway("default"),
                       gateway("x", Severity::warning),
                       gateway("b", Severity::error),
                       gateway("n", Severity::note)};
    inspect::sort_trouble_first(all);
    CHECK(names_of(all) == "b x default n w2 w10 ");
}

TEST_CASE("overview: what is running is counted first, then by number") {
    inspect::Overview all;
    all.gateways = {gateway("a", Severity::error), gateway("b", Severity::error), gateway("c")};
    all.invalid = {{"Bad", "why"}};
    using Count = inspect::Counts::value_type;
    CHECK(inspect::counts_of(all) ==
          inspect::Counts{Count{"running", 1}, Count{"stopped", 2}, Count{"invalid", 1}});
}

TEST_CASE("table: a line is cut to the columns there are, and a long name does not push it out") {
    cli::Table table({"PROFILE", "NOTES"});
    const std::string long_name(40, 'n');
    table.add({long_name, "short"});
    table.add({"a", std::string(100, 'x')});
    CHECK(table.text(20) == "PROFILE  NOTES\n" + std::string(19, 'n') + "…\n" + "         short\n" +
                                "a        " + std::string(10, 'x') + "…\n");
    CHECK(table.text().find(long_name + "\n") != std::string::npos);
    CHECK(table.text().find(std::string(100, 'x')) != std::string::npos);
}

TEST_CASE("table: a cut takes no half of a character, and ends a colour that it cuts") {
    CHECK(cli::cut_to("äöü", 3) == "äöü");
    CHECK(cli::cut_to("äöüß", 3) == "äö…");
    CHECK(cli::cut_to("\x1b[31mabcd\x1b[0m", 3) == "\x1b[31mab…\x1b[0m");
    CHECK(cli::cut_to("\x1b[31mabc\x1b[0m", 3) == "\x1b[31mabc\x1b[0m");
}

TEST_CASE("screen: a picture has the rows of the terminal, and its last line stays") {
    const auto frame = cli::frame_of("head\na\nb\nc\nd\ncount\n", {4, 80});
    CHECK(frame == "\x1b[H\x1b[Khead\r\n\x1b[Ka\r\n\x1b[K… 3 more lines\r\n\x1b[Kcount");
    CHECK(cli::frame_of("a\nb\n", {4, 80}) == "\x1b[H\x1b[Ka\r\n\x1b[Kb\r\n\x1b[J");
    // What fills its line is not followed by anything that clears there.
    CHECK(cli::frame_of("abcdef\n", {1, 4}) == "\x1b[H\x1b[Kabc…");
}
