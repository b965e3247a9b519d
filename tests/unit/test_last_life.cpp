// Row by row the tables of rules/last_life.hpp.
#include "rules/last_life.hpp"

#include "base/json_object.hpp"

#include <doctest/doctest.h>

using namespace gw;
using namespace std::chrono_literals;

namespace {

const WallTime noon = *parse_rfc3339("2026-11-20T12:00:00Z");
const LifeName life{{Pid{12}, StartTime{34}}, "boot"};
const LifeName other_life{{Pid{12}, StartTime{35}}, "boot"};

LifeRecord record(const char* json) {
    return read_life_record(*parse_json_object(json));
}

CleanNote note(std::string progress, std::optional<LifeName> of, WallTime written = noon) {
    return {std::move(progress), std::move(of), written};
}

/// Of a gateway that keeps no record: a note, and the state file's last writer.
LifeTraces noted(CleanNote note, std::string state = "stopped") {
    return {{}, std::move(note), life.process, std::move(state)};
}

constexpr auto ours =
    R"({"phase": "exited", "pid": 12, "start_time": 34, "exit_code": 1, "cause": "unmarked-signal",
        "clean": true, "ended_at": "2026-11-20T12:00:00Z"})";
constexpr auto theirs = R"({"phase": "exited", "pid": 12, "exit_code": 1,
        "exit_reason": "graceful_shutdown", "exited_at": "2026-11-20T12:00:00.25+00:00"})";

ToldEnd told(int code, WallTime at = noon + 1s) {
    return {code, std::nullopt, at};
}

} // namespace

TEST_CASE("last life: two names are of one life unless something that both tell differs") {
    CHECK(is_same_life(life, life));
    CHECK_FALSE(is_same_life(life, other_life));
    CHECK_FALSE(is_same_life(life, {life.process, "another boot"}));
    CHECK_FALSE(is_same_life(life, {{Pid{13}, StartTime{34}}, "boot"}));
    CHECK(is_same_life(life, {{Pid{12}, std::nullopt}, {}}));
}

TEST_CASE("last life: a record is read in both shapes") {
    CHECK(record(ours).ended_at == noon);
    CHECK(record(ours).cause == EndCause::unmarked_signal);
    CHECK(record(theirs).ended_at == noon + 250ms);
    CHECK(record(theirs).exit_code == 1);
    // a start time in seconds is none in ticks
    const auto running = record(R"({"phase": "running", "pid": 12, "start_time": 1795660592.08})");
    CHECK(running.phase == LifeRecord::Phase::running);
    REQUIRE(running.life);
    CHECK_FALSE(running.life->process.start_time);
    CHECK(record("{}").phase == LifeRecord::Phase::none);
    CHECK(record(R"({"phase": "asleep"})").phase == LifeRecord::Phase::unknown);
}

TEST_CASE("last life: the note of a clean end says whose it is") {
    const auto read = parse_clean_note(clean_note_text("timed out", life), noon);
    CHECK(read.progress == "timed out");
    CHECK(read.life == life);
    for (const char* nameless : {"", "drained\n", "drained", "drained\npid=0\n", "\npid\n"}) {
        CAPTURE(nameless);
        CHECK_FALSE(parse_clean_note(nameless, noon).life);
    }
}

TEST_CASE("last life: how it ended") {
    const auto exit_of = [](const LifeTraces& traces) { return judge_prior_life(traces).exit; };
    const auto running = record(R"({"phase": "running", "pid": 12, "start_time": 34})");
    const auto killed = judge_prior_life({running, note("draining", life), {}, {}});
    CHECK(killed.exit == PriorExit::unclean);
    CHECK(killed.detail == "killed while draining");
    CHECK(judge_prior_life({running, note("draining", other_life), {}, {}}).detail == "killed");
    CHECK(judge_prior_life({running, note("drained", {}), {}, {}}).detail == "killed");
    CHECK(exit_of({record(ours), {}, {}, {}}) == PriorExit::clean);
    CHECK(exit_of({record(theirs), {}, {}, {}}) == PriorExit::clean);
    CHECK(exit_of({record(R"({"phase": "exited", "clean": false})"), {}, {}, {}}) ==
          PriorExit::unclean);
    CHECK(exit_of({record(R"({"phase": "asleep"})"), note("drained", life), life.process, {}}) ==
          PriorExit::unknown);
    CHECK(exit_of(noted(note("drained", life))) == PriorExit::clean);
    CHECK(exit_of(noted(note("timed out", life))) == PriorExit::unclean);
    CHECK(exit_of(noted(note("drained", other_life))) == PriorExit::unknown);
    CHECK(exit_of(noted(note("drained", {}))) == PriorExit::unknown);
    CHECK(exit_of(noted(note("", {}))) == PriorExit::unknown);
    CHECK(exit_of({}) == PriorExit::unknown);
}

TEST_CASE("last life: traces prove one end, just now, that the supervisor has seen") {
    const auto of = [](const char* json, const ToldEnd& end) {
        return are_of({record(json), {}, {}, {}}, end);
    };
    for (const char* shape : {ours, theirs}) {
        CHECK(of(shape, told(1)));
        CHECK_FALSE(of(shape, told(0)));                       // another code
        CHECK_FALSE(of(shape, {256, 11, noon + 1s}));          // a signal
        CHECK_FALSE(of(shape, told(1, noon + just_now + 1s))); // an older life
        CHECK_FALSE(of(shape, told(1, noon - 1s)));            // from the future
        CHECK_FALSE(are_of({record(shape), note("drained", life), life.process, {}}, told(3)));
    }
    // says nothing: what the supervisor has seen counts
    CHECK_FALSE(of(R"({"phase": "exited", "exited_at": "2026-11-20T12:00:00Z"})", told(1)));
    CHECK_FALSE(of(R"({"phase": "exited", "exit_code": 1})", told(1)));
    CHECK_FALSE(of(R"({"phase": "running", "pid": 12})", told(1)));
    auto heard = record(theirs);
    heard.heard = true;
    CHECK_FALSE(are_of({heard, {}, {}, {}}, told(1)));
    CHECK(are_of(noted(note("drained", life)), told(1)));
    CHECK_FALSE(are_of(noted(note("draining", life)), told(1)));
    CHECK_FALSE(are_of(noted(note("drained", life)), told(1, noon + 72h)));
    CHECK_FALSE(are_of(noted(note("drained", other_life)), told(1)));
    CHECK_FALSE(are_of(noted(note("", {})), told(1)));
}

TEST_CASE("last life: what was asked for is told from what failed") {
    const auto asked = [](const char* json, std::string state = "running") {
        return was_asked_to_end({record(json), {}, {}, std::move(state)}, told(1));
    };
    CHECK(asked(ours));
    CHECK(asked(theirs));
    CHECK_FALSE(asked(theirs, "startup_failed"));
    CHECK_FALSE(asked(R"({"phase": "exited", "exit_code": 1, "cause": "crashed", "clean": false,
                          "ended_at": "2026-11-20T12:00:00Z"})"));
    // a drain that timed out is not clean, and was asked for
    CHECK(asked(R"({"phase": "exited", "exit_code": 1, "cause": "unmarked-signal", "clean": false,
                    "ended_at": "2026-11-20T12:00:00Z"})"));
    CHECK(was_asked_to_end(noted(note("drained", life)), told(1)));
    CHECK_FALSE(was_asked_to_end(noted(note("drained", life)), told(1, noon + 72h)));
}

TEST_CASE("last life: a parking ends by a good life or another tool's intent, when it is newer") {
    const auto after = [](const char* json, std::optional<std::string> state = {},
                          std::optional<WallTime> written = {},
                          std::optional<WallTime> intent = {}) {
        return what_ended_parking({noon, record(json), std::move(state), written, intent});
    };
    CHECK_FALSE(after("{}"));
    CHECK(after("{}", {}, {}, noon + 1s) == "another tool has set the intent since");
    CHECK_FALSE(after("{}", {}, {}, noon - 1s));
    for (const char* up : {"running", "degraded", "draining", "stopped"}) {
        CAPTURE(up);
        CHECK(after("{}", up, noon + 1s));
        CHECK_FALSE(after("{}", up, noon - 1s));
        CHECK_FALSE(after("{}", up));
    }
    for (const char* failed : {"starting", "startup_failed"}) {
        CHECK_FALSE(after("{}", failed, noon + 1s));
    }
    const auto ended = [&](const char* code, const char* at) {
        return after((std::string(R"({"phase": "exited", "exit_code": )") + code +
                      R"(, "exited_at": ")" + at + "\"}")
                         .c_str());
    };
    CHECK(ended("0", "2026-11-20T12:00:01Z") == "a life since then has ended well");
    CHECK(ended("75", "2026-11-20T12:00:01Z"));
    CHECK_FALSE(ended("1", "2026-11-20T12:00:01Z"));
    CHECK_FALSE(ended("null", "2026-11-20T12:00:01Z"));
    CHECK_FALSE(ended("0", "2026-11-20T11:59:59Z"));
}

TEST_CASE("last life: a drain is told by the note of the very life that goes on") {
    constexpr auto running =
        R"({"phase": "running", "pid": 12, "start_time": 34, "boot_id": "boot"})";
    const auto with_record = [&](CleanNote note) {
        return LifeTraces{record(running), std::move(note), std::nullopt, "draining"};
    };
    CHECK(drains_since(with_record(note("draining", life))) == noon);
    CHECK_FALSE(drains_since(with_record(note("drained", life))));
    CHECK_FALSE(drains_since(with_record(note("draining", other_life))));
    CHECK_FALSE(drains_since(with_record(note("draining", std::nullopt))));
    CHECK(drains_since(noted(note("draining", life))) == noon);
    CHECK_FALSE(drains_since(noted(note("draining", other_life))));
    CHECK_FALSE(drains_since({}));
}
