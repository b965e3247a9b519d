#include "base/json_object.hpp"
#include "rules/marker.hpp"
#include "rules/time_limits.hpp"
#include "support.hpp"

using namespace gw;
using namespace std::chrono_literals;

namespace {

constexpr Pid me{4711};
constexpr StartTime my_start{100'000}; // 1000 s after boot
const WallTime noon = *parse_rfc3339("2026-11-20T12:00:00Z");
constexpr BootClock since_boot = 2000s;
constexpr const char* boot = "0f7a";
constexpr const char* home = "/opt/data/profiles/worker";

/// A marker of this tool for me, written just now.
Marker own_marker() {
    Marker marker;
    marker.target = {me, my_start};
    marker.writer = Pid{1};
    marker.written_at = noon;
    marker.target_home = home;
    marker.boot_id = boot;
    marker.written_since_boot = since_boot;
    return marker;
}

/// As gateways and tools in the field write it: no boot id, no boot-time clock, no home.
Marker field_marker() {
    Marker marker = own_marker();
    marker.target_home.clear();
    marker.boot_id.clear();
    marker.written_since_boot.reset();
    return marker;
}

MarkerReader reader() {
    return {{me, my_start}, home, {noon, since_boot, boot}, BootClock(1000s)};
}

/// Later: both clocks moved on.
MarkerReader reader_after(BootClock elapsed) {
    auto r = reader();
    r.now.wall += elapsed;
    r.now.since_boot += elapsed;
    return r;
}

enum class Target { lives, dead };

struct Row {
    std::string rule;
    Marker marker;
    MarkerReader reader;
    Target target;
    MarkerVerdict verdict;
};

template <class F> Marker with(Marker marker, const F& edit) {
    edit(marker);
    return marker;
}
template <class F> MarkerReader with(MarkerReader r, const F& edit) {
    edit(r);
    return r;
}

using enum MarkerVerdict;

void check(const std::vector<Row>& table) {
    for (const auto& row : table) {
        CAPTURE(row.rule);
        CHECK(judge(row.marker, row.reader, row.target == Target::lives) == row.verdict);
    }
}

} // namespace

TEST_CASE("marker: who is meant") {
    const auto for_pid = [](int pid) {
        return [pid](Marker& m) { m.target = {Pid{pid}, StartTime{5}}; };
    };
    check({
        {"pid and start time are mine", own_marker(), reader(), Target::lives, names_me},
        {"a marker of the field for me", field_marker(), reader(), Target::lives, names_me},
        {"my pid, another start time: for an earlier process",
         with(own_marker(), [](Marker& m) { m.target.start_time = StartTime{7}; }), reader(),
         Target::lives, stale},
        {"start time unknown in the marker: the pid decides",
         with(own_marker(), [](Marker& m) { m.target.start_time.reset(); }), reader(),
         Target::lives, names_me},
        {"start time unknown to the reader: the pid decides", own_marker(),
         with(reader(), [](MarkerReader& r) { r.self.start_time.reset(); }), Target::lives,
         names_me},
        {"another live process is left alone", with(own_marker(), for_pid(99)), reader(),
         Target::lives, names_other},
        {"another process that is dead: nobody can match", with(own_marker(), for_pid(99)),
         reader(), Target::dead, stale},
        {"my pid in another home, alive",
         with(own_marker(), [](Marker& m) { m.target_home = "/x"; }), reader(), Target::lives,
         names_other},
        {"the home's trailing slash does not count",
         with(own_marker(), [](Marker& m) { m.target_home += "/"; }), reader(), Target::lives,
         names_me},
        {"a takeover by another profile's replacer that names no home of its target",
         with(field_marker(), [](Marker& m) { m.replacer_home = "/opt/data"; }), reader(),
         Target::lives, names_other},
        {"one by a replacer of my own home",
         with(field_marker(), [](Marker& m) { m.replacer_home = home; }), reader(), Target::lives,
         names_me},
        {"another profile's replacer may name my home",
         with(own_marker(), [](Marker& m) { m.replacer_home = "/opt/data"; }), reader(),
         Target::lives, names_me},
        {"a reader without a home trusts pid and start time", own_marker(),
         with(reader(), [](MarkerReader& r) { r.home.clear(); }), Target::lives, names_me},
    });
}

TEST_CASE("marker: age with boot id and boot-time clock") {
    const auto wall_step = [](WallTime::duration step) {
        return [step](MarkerReader& r) { r.now.wall += step; };
    };
    check({
        {"59 s old", own_marker(), reader_after(59s), Target::lives, names_me},
        {"exactly 60 s old", own_marker(), reader_after(60s), Target::lives, names_me},
        {"60.001 s old", own_marker(), reader_after(60'001ms), Target::lives, stale},
        {"fresh, the wall clock stepped a day ahead", own_marker(),
         with(reader_after(1s), wall_step(24h)), Target::lives, names_me},
        {"fresh, the wall clock stepped a day back", own_marker(),
         with(reader_after(1s), wall_step(-24h)), Target::lives, names_me},
        {"stale, the wall clock stepped back to its writing", own_marker(),
         with(reader_after(120s), wall_step(-120s)), Target::lives, stale},
        {"of another boot", own_marker(),
         with(reader(), [](MarkerReader& r) { r.now.boot_id = "9999"; }), Target::lives, stale},
        {"written in the future of this boot", own_marker(), reader_after(-1s), Target::lives,
         stale},
        {"a clock that no boot can have: no overflow, just stale",
         with(own_marker(),
              [](Marker& m) {
                  m.written_since_boot = BootClock(std::numeric_limits<std::int64_t>::min());
              }),
         reader(), Target::lives, stale},
        {"the reader does not know its boot: the wall clock decides", own_marker(),
         with(reader_after(61s), [](MarkerReader& r) { r.now.boot_id.clear(); }), Target::lives,
         stale},
    });
}

TEST_CASE("marker: age by the wall clock alone") {
    check({
        {"60 s old", field_marker(), reader_after(60s), Target::lives, names_me},
        {"61 s old", field_marker(), reader_after(61s), Target::lives, stale},
        {"59 s in the future: a small step back", field_marker(), reader_after(-59s), Target::lives,
         names_me},
        {"61 s in the future", field_marker(), reader_after(-61s), Target::lives, stale},
        {"an expired marker for another live process is stale too",
         with(field_marker(), [](Marker& m) { m.target = {Pid{99}, StartTime{5}}; }),
         reader_after(61s), Target::lives, stale},
    });
}

TEST_CASE("marker: not older than my own start, where no start time proves who was meant") {
    const auto unproven = [](Marker m) {
        m.target.start_time.reset();
        return m;
    };
    const auto started = [](BootClock at) {
        return with(reader(), [at](MarkerReader& r) { r.started_since_boot = at; });
    };
    check({
        {"older than my start", unproven(own_marker()), started(since_boot + 100ms), Target::lives,
         stale},
        {"older by less than the resolution of start times", unproven(own_marker()),
         started(since_boot + 10ms), Target::lives, names_me},
        {"younger than my start", unproven(own_marker()), started(since_boot - 1s), Target::lives,
         names_me},
        {"older, by the wall clock alone", unproven(field_marker()), started(since_boot + 5s),
         Target::lives, stale},
        {"younger, by the wall clock alone", unproven(field_marker()), started(since_boot - 5s),
         Target::lives, names_me},
        {"my start time in the marker proves it, whatever the clocks say", own_marker(),
         started(since_boot + 5s), Target::lives, names_me},
        {"my start is not known", unproven(own_marker()),
         with(reader(), [](MarkerReader& r) { r.started_since_boot.reset(); }), Target::lives,
         names_me},
    });
}

TEST_CASE("marker: those of the field are understood") {
    const auto stop =
        parse_marker(MarkerKind::planned_stop, test::fixture("markers/planned-stop.json"));
    REQUIRE(stop);
    CHECK(stop->target == ProcessIdentity{Pid{3842}, StartTime{274219}});
    CHECK(stop->writer == Pid{3842});
    CHECK(to_rfc3339(stop->written_at) == "2026-11-20T23:45:25.551516+00:00");
    const auto takeover =
        parse_marker(MarkerKind::takeover, test::fixture("markers/takeover.json"));
    REQUIRE(takeover);
    CHECK(takeover->replacer_home == "/opt/data/profiles/worker");
    CHECK(takeover->writer == Pid{3842});
}

TEST_CASE("marker: what is written is read back, with the field's keys") {
    Marker marker = own_marker();
    marker.replacer_home = "/opt/data";
    marker.author.uid = 10000;
    marker.author.login_user = "ann";
    marker.note = "why";
    marker.program = "gatewayctl stop";
    marker.reason = "stop";
    for (const auto kind : {MarkerKind::planned_stop, MarkerKind::takeover}) {
        const auto text = marker_text(kind, marker);
        const auto json = parse_json_object(text);
        REQUIRE(json);
        CHECK((*json)["target_pid"] == me.value);
        CHECK((*json)["target_start_time"] == my_start.ticks);
        CHECK((*json)["written_at"] == "2026-11-20T12:00:00.000000+00:00");
        CHECK((*json)[kind == MarkerKind::takeover ? "replacer_pid" : "stopper_pid"] == 1);
        const auto read = parse_marker(kind, text);
        REQUIRE(read);
        CHECK(read->target == marker.target);
        CHECK(read->written_since_boot == marker.written_since_boot);
        CHECK(read->boot_id == marker.boot_id);
        CHECK(read->target_home == marker.target_home);
        CHECK(read->author.uid == marker.author.uid);
        CHECK(read->author.login_user == marker.author.login_user);
        CHECK(read->note == marker.note);
        CHECK(read->program == marker.program);
        CHECK(read->reason == marker.reason);
        CHECK(judge(*read, reader(), true) == names_me);
    }
}

TEST_CASE("marker: malformed is corrupt, whatever is wrong with it") {
    const std::vector<std::string> malformed = {
        "",
        "{}",
        "[]",
        "null",
        R"({"target_pid":4711})",
        R"({"target_pid":0,"written_at":"2026-11-20T12:00:00Z"})",
        R"({"target_pid":-1,"written_at":"2026-11-20T12:00:00Z"})",
        R"({"target_pid":4294968007,"written_at":"2026-11-20T12:00:00Z"})",
        R"({"target_pid":18446744073709551615,"written_at":"2026-11-20T12:00:00Z"})",
        R"({"target_pid":"4711","written_at":"2026-11-20T12:00:00Z"})",
        R"({"target_pid":4711.5,"written_at":"2026-11-20T12:00:00Z"})",
        R"({"target_pid":4711,"written_at":"yesterday"})",
        R"({"target_pid":4711,"written_at":1781064094})",
        R"({"target_pid":4711,"written_at":"2026-11-20T12:00:00Z")",
    };
    for (const auto& text : malformed) {
        CAPTURE(text);
        const auto marker = parse_marker(MarkerKind::planned_stop, text);
        REQUIRE_FALSE(marker);
        CHECK(marker.error().code == Errc::corrupt);
    }
}

TEST_CASE("marker: kinds, their words and their files") {
    CHECK(parse_marker_kind("planned-stop") == MarkerKind::planned_stop);
    CHECK(parse_marker_kind("takeover") == MarkerKind::takeover);
    CHECK_FALSE(parse_marker_kind("stop"));
    CHECK(file_name_of(MarkerKind::planned_stop) == ".gateway-planned-stop.json");
    CHECK(file_name_of(MarkerKind::takeover) == ".gateway-takeover.json");
}
