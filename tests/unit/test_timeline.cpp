#include "rules/timeline.hpp"
#include "support.hpp"

using namespace gw;
using namespace std::chrono_literals;

namespace {

using What = TimelineEvent::What;

const WallTime noon = *parse_rfc3339("2026-11-20T12:00:00Z"); // NOLINT(cert-err58-cpp)

/// "up 0-10, down 10-20", in minutes after noon.
std::string text_of(const std::vector<Span>& spans) {
    std::string text;
    for (const auto& span : spans) {
        const auto minutes = [](WallTime at) {
            return std::to_string(
                std::chrono::duration_cast<std::chrono::minutes>(at - noon).count());
        };
        text += (text.empty() ? "" : ", ") + std::string(to_string(span.kind)) + " " +
                minutes(span.from) + "-" + minutes(span.to);
    }
    return text;
}

TimelineEvent event(What what, std::chrono::minutes after, std::string cause = {}) {
    return {what, noon + after, 7, std::move(cause), "why"};
}

} // namespace

TEST_CASE("timeline: a life, its drain and what came after it") {
    CHECK(text_of(timeline_of({event(What::began, 0min), event(What::draining, 10min),
                               event(What::ended, 11min, "planned-stop")},
                              noon + 20min)) == "up 0-10, draining 10-11, down 11-20");
    CHECK(timeline_of({}, noon).empty());
}

TEST_CASE("timeline: a crash, and the parking after it") {
    CHECK(text_of(timeline_of({event(What::began, 0min), event(What::crashed, 1min, "crashed"),
                               event(What::parked, 2min)},
                              noon + 3min)) == "up 0-1, crashed 1-2, parked 2-3");
}

TEST_CASE("timeline: an unmarked signal is the end of a container") {
    CHECK(
        text_of(timeline_of({event(What::began, 0min), event(What::ended, 5min, "unmarked-signal"),
                             event(What::boot, 6min), event(What::began, 7min)},
                            noon + 9min)) == "up 0-5, container stop 5-7, up 7-9");
}

TEST_CASE("timeline: a life whose end nobody recorded ends at the boot after it") {
    const auto spans = timeline_of(
        {event(What::began, 0min), event(What::boot, 6min), event(What::began, 7min)}, noon + 9min);
    CHECK(text_of(spans) == "up 0-6, container stop 6-7, up 7-9");
    CHECK(spans[1].detail == "its end was not recorded");
}

TEST_CASE("timeline: events are taken in the order of their time") {
    CHECK(text_of(timeline_of({event(What::ended, 5min), event(What::began, 0min)}, noon + 9min)) ==
          "up 0-5, down 5-9");
}

TEST_CASE("timeline: what was recorded by a clock that was set since stays in its order") {
    const auto settled = [](std::vector<std::chrono::minutes> after) {
        std::vector<WallTime> moments;
        for (const auto each : after) {
            moments.push_back(noon + each);
        }
        settle(moments);
        std::vector<std::chrono::minutes> back;
        for (const auto at : moments) {
            back.push_back(std::chrono::duration_cast<std::chrono::minutes>(at - noon));
        }
        return back;
    };
    using Minutes = std::vector<std::chrono::minutes>;
    CHECK(settled({0min, 5min, 5min, 9min}) == Minutes{0min, 5min, 5min, 9min});
    // A machine that boots in the past until it has asked for the time.
    CHECK(settled({10min, 20min, -500min, 30min, 40min}) ==
          Minutes{10min, 20min, 20min, 30min, 40min});
    // One that was in the future.
    CHECK(settled({10min, 900min, 20min, 30min}) == Minutes{10min, 10min, 20min, 30min});
    CHECK(settled({900min, 10min, 20min}) == Minutes{10min, 10min, 20min});
    CHECK(settled({}).empty());
}

TEST_CASE("timeline: the bar shows a short crash between two long lives") {
    const std::vector<Span> spans = {{SpanKind::up, noon, noon + 50min, 1, {}},
                                     {SpanKind::crashed, noon + 50min, noon + 51min, 0, {}},
                                     {SpanKind::up, noon + 51min, noon + 100min, 2, {}}};
    CHECK(bar_of(spans, noon, noon + 100min, 10) == "█████x████");
    CHECK(bar_of({}, noon, noon + 100min, 3) == "   ");
    CHECK(bar_of(std::span(spans).first(1), noon, noon, 3).size() > 0); // no time at all
}
