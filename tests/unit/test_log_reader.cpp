#include "base/time_words.hpp"
#include "cli/progress.hpp"
#include "inspect/log_reader.hpp"
#include "inspect/previous_life.hpp"
#include "support.hpp"

using namespace gw;
using namespace gw::inspect;
using namespace std::chrono_literals;

namespace {

const WallTime noon = *parse_rfc3339("2026-11-20T12:00:00Z"); // NOLINT(cert-err58-cpp)

using Kind = store::LifeEventKind;

store::LifeEvent event(Kind kind, std::chrono::minutes after) {
    return {kind, noon + after, 0, {}, {}};
}

} // namespace

TEST_CASE("log reader: the stamp of a line, and lines that have none") {
    CHECK(stamp_of("2026-11-26 05:49:25.123456789 text") == "2026-11-26 05:49:25.123456789");
    CHECK(stamp_of("2026-11-26 05:49:25. text") == "2026-11-26 05:49:25.");
    CHECK(stamp_of("  at main()").empty());
    CHECK(stamp_of("2026-11-26T05:49:25.1").empty());
    CHECK(stamp_of("").empty());
    CHECK(stamp_of(to_stamp(noon)) == to_stamp(noon));
}

TEST_CASE("log reader: lines are merged by stamp, and stay in the order of their own log") {
    const auto texts = [](const std::vector<LogLine>& lines) {
        std::string all;
        for (const auto& line : lines) {
            all += line.text + " ";
        }
        return all;
    };
    CHECK(texts(merge({{{0, "1", "a1"}, {0, "3", "a3"}, {0, "3", "a3-more"}},
                       {{1, "2", "b2"}, {1, "3", "b3"}},
                       {}})) == "a1 b2 a3 a3-more b3 ");
    CHECK(merge({}).empty());
}

TEST_CASE("previous life: it is what lies between the last two ends") {
    std::vector events = {event(Kind::began, 0min), event(Kind::ended, 1min),
                          event(Kind::began, 2min)};
    auto found = previous_life(events);
    REQUIRE(found);
    CHECK(found->from == WallTime{});
    CHECK(found->until == noon + 1min + 500ms);
    events.push_back(event(Kind::crashed, 3min));
    found = previous_life(events);
    REQUIRE(found);
    CHECK(found->from == noon + 1min + 500ms);
    CHECK(found->until == noon + 3min + 500ms);
    CHECK_FALSE(previous_life(std::vector{event(Kind::began, 0min)}));
    CHECK_FALSE(previous_life(std::vector<store::LifeEvent>{}));
}

TEST_CASE("previous life: where nobody recorded its end, the next beginning is its end") {
    const auto found = previous_life(
        std::vector{event(Kind::ended, 1min), event(Kind::began, 2min), event(Kind::began, 5min)});
    REQUIRE(found);
    CHECK(found->from == noon + 1min + 500ms);
    CHECK(found->until == noon + 5min);
}

TEST_CASE("time words: a moment in the past as people type it") {
    CHECK(parse_past("90s", noon) == noon - 90s);
    CHECK(parse_past("10m", noon) == noon - 10min);
    CHECK(parse_past("2h", noon) == noon - 2h);
    CHECK(parse_past("3d", noon) == noon - 72h);
    CHECK(parse_past("2026-11-20T11:00:00Z", noon) == noon - 1h);
    for (const auto* nonsense : {"", "m", "-5m", "5", "5x", "1.5h", "99999999999999999999d"}) {
        CAPTURE(nonsense);
        CHECK_FALSE(parse_past(nonsense, noon));
    }
}

TEST_CASE("time words: a span has one unit, the largest that fits") {
    CHECK(span_text(-3s) == "0 s");
    CHECK(span_text(59s) == "59 s");
    CHECK(span_text(60s) == "1 min");
    CHECK(span_text(3h) == "3 h");
    CHECK(span_text(50h) == "2 d");
}

TEST_CASE("progress: what goes on comes first, and as much as fits") {
    const auto a = *ProfileName::parse("a");
    const auto longer = *ProfileName::parse("longer");
    const std::vector<operate::Progress> all = {{a, 3s, 100s, true}, {longer, 4s, 100s, false}};
    CHECK(cli::progress_lines("stop", all, {24, 80}) ==
          std::vector<std::string>{"stop: 1 of 2 done", "  longer  4 of 100 s", "  a       done"});
    CHECK(cli::progress_lines("stop", all, {3, 80}).size() == 2);
    CHECK(cli::progress_lines("stop", all, {24, 9}).front() == "stop: 1 …");
}
