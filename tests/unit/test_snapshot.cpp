#include "reconcile/observe.hpp"
#include "store/run_record.hpp"
#include "support.hpp"
#include "sys/processes.hpp"
#include "sys/self.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace gw;
using store::ProfileFiles;
using store::ProfileSnapshot;
using Answer = sys::FileContent::Answer;

namespace {

/// A profile that exists in memory only.
class Volume {
  public:
    Volume& file(const std::string& name, std::string bytes, std::int64_t changed_ns = 1) {
        sys::FileInfo info;
        info.kind = sys::EntryKind::file;
        info.changed_ns = changed_ns;
        return content(name, {Answer::ok, std::move(bytes), {}, info});
    }
    Volume& problem(const std::string& name, Answer answer, std::string why) {
        return content(name, {answer, {}, std::move(why), {}});
    }
    Volume& entry(const std::string& name, sys::EntryKind kind = sys::EntryKind::file) {
        files_.entries.push_back({name, kind});
        return *this;
    }
    [[nodiscard]] ProfileSnapshot judged() const { return store::judge_files(files_); }

  private:
    Volume& content(const std::string& name, sys::FileContent content) {
        files_.contents[name] = std::move(content);
        return entry(name.substr(0, name.find('/')));
    }
    ProfileFiles files_{"/opt/data/profiles/a", {}, {}};
};

const ProfileName name = *ProfileName::parse("a"); // NOLINT(cert-err58-cpp)

constexpr const char* lifecycle = store::lifecycle_file_name;
constexpr const char* state = store::state_file_name;

std::vector<std::string> codes(const ProfileObservation& seen) {
    std::vector<std::string> words;
    for (const auto& finding : seen.findings) {
        words.push_back(finding.code);
    }
    return words;
}

} // namespace

TEST_CASE("snapshot: of an empty profile every part is absent, and none is a problem") {
    const auto snapshot = Volume().judged();
    CHECK(snapshot.intent.state.answer == FileAnswer::absent);
    CHECK(snapshot.intent.resolved.kind == Intent::Kind::none);
    CHECK(snapshot.prior_life.exit == PriorExit::unknown);
    CHECK_FALSE(snapshot.parked);
    CHECK(snapshot.deaths.count == 0);
    CHECK(snapshot.service.problem.empty());
    CHECK_FALSE(snapshot.run_record);
    REQUIRE(snapshot.planned_stop);
    CHECK_FALSE(*snapshot.planned_stop);
    CHECK_FALSE(snapshot.state_kept_aside);
}

TEST_CASE("snapshot: absent, unreadable, too large, corrupt and ok are five different answers") {
    struct Row {
        std::string what;
        sys::FileContent content;
        FileAnswer answer;
    };
    CHECK(Volume().judged().intent.state.answer == FileAnswer::absent);
    CHECK(Volume().problem(state, Answer::unreadable, "EACCES").judged().intent.state.answer ==
          FileAnswer::unreadable);
    CHECK(Volume().problem(state, Answer::too_large, "large").judged().intent.state.answer ==
          FileAnswer::corrupt);
    CHECK(Volume().file(state, "{").judged().intent.state.answer == FileAnswer::corrupt);
    CHECK(Volume().file(state, "{}").judged().intent.state.answer == FileAnswer::ok);
    const auto facts =
        facts_of(Volume().problem(state, Answer::unreadable, "Permission denied").judged());
    CHECK(facts.state_answer == FileAnswer::unreadable);
    CHECK(facts.state_problem == "Permission denied");
}

TEST_CASE("snapshot: the intent is resolved between the two files, with their times") {
    Volume volume;
    volume.file(state, R"({"desired_state": "stopped", "gateway_state": "running"})", 20);
    volume.file(store::intent_file_name, R"({"desired_state": "running", "generation": 3})", 10);
    CHECK(volume.judged().intent.resolved.kind == Intent::Kind::stopped); // the newer one
    volume.file(store::intent_file_name, R"({"desired_state": "running", "generation": 3})", 30);
    const auto snapshot = volume.judged();
    CHECK(snapshot.intent.resolved.kind == Intent::Kind::running);
    CHECK(snapshot.intent.resolved.repair == IntentRepair::mirror_follows);
    CHECK(snapshot.intent.gateway.gateway_state == "running");
}

TEST_CASE("snapshot: a corrupt state file kept aside counts until another one comes") {
    Volume volume;
    volume.entry("gateway_state.json.corrupt-20261120T234525Z");
    const auto facts = facts_of(volume.judged());
    CHECK(volume.judged().state_kept_aside);
    CHECK(facts.state_answer == FileAnswer::corrupt);
    CHECK_FALSE(facts.state_problem.empty());
    volume.file(state, "{}");
    CHECK_FALSE(volume.judged().state_kept_aside);
    CHECK(facts_of(volume.judged()).state_answer == FileAnswer::ok);
}

TEST_CASE("snapshot: how the last life ended") {
    const auto exit_of = [](const Volume& volume) { return volume.judged().prior_life.exit; };
    Volume running;
    running.file(lifecycle, R"({"phase": "running"})");
    CHECK(running.judged().prior_life.detail == "killed");
    running.file(".clean_shutdown", "draining\n");
    CHECK(running.judged().prior_life.detail == "killed"); // of which life is not said
    CHECK(exit_of(running) == PriorExit::unclean);
    running.file(lifecycle, R"({"phase": "running", "pid": 12, "start_time": 34})");
    running.file(".clean_shutdown", "draining\npid=12 start_time=34\n");
    CHECK(running.judged().prior_life.detail == "killed while draining");
    CHECK(exit_of(Volume().file(lifecycle, R"({"phase": "exited", "clean": true})")) ==
          PriorExit::clean);
    CHECK(exit_of(Volume().file(lifecycle, R"({"phase": "exited"})")) == PriorExit::clean);
    const auto unclean =
        Volume().file(lifecycle, R"({"phase": "exited", "clean": false, "detail": "signal 9"})");
    CHECK(exit_of(unclean) == PriorExit::unclean);
    CHECK(unclean.judged().prior_life.detail == "signal 9");
    // a gateway that has no record of its lives
    const auto written = R"({"gateway_state": "stopped", "pid": 12, "start_time": 34})";
    CHECK(exit_of(Volume().file(".clean_shutdown", "").file(state, written)) == PriorExit::unknown);
    const auto noted = [&](const char* progress) {
        return exit_of(
            Volume()
                .file(state, written)
                .file(".clean_shutdown", std::string(progress) + "\npid=12 start_time=34\n"));
    };
    CHECK(noted("drained") == PriorExit::clean);
    CHECK(noted("timed out") == PriorExit::unclean);
    // what cannot be read proves nothing
    for (const auto answer : {Answer::unreadable, Answer::too_large}) {
        CHECK(exit_of(Volume().problem(".clean_shutdown", answer, "x")) == PriorExit::unknown);
    }
    CHECK(exit_of(Volume()
                      .file(lifecycle, "torn")
                      .file(state, written)
                      .file(".clean_shutdown", "drained\npid=12 start_time=34\n")) ==
          PriorExit::clean);
}

TEST_CASE("snapshot: a parked record that cannot be used still parks") {
    const auto parked = [](const Volume& volume) { return volume.judged().parked; };
    const auto good =
        parked(Volume().file(store::parked_file_name, R"({"reason": "why", "count": 10})"));
    REQUIRE(good);
    CHECK(good->reason == "why");
    CHECK(good->count == 10);
    CHECK(parked(Volume().file(store::parked_file_name, "torn")));
    CHECK(parked(Volume().problem(store::parked_file_name, Answer::unreadable, "EACCES")));
    CHECK(facts_of(Volume().file(store::parked_file_name, "torn").judged()).parked);
}

TEST_CASE("snapshot: a good life or another tool's intent after the parking ends it") {
    const auto parked_since = [](const char* since) {
        return Volume().file(store::parked_file_name,
                             std::string(R"({"reason": "why", "since": ")") + since + "\"}");
    };
    auto volume = parked_since("2026-11-20T12:00:00Z");
    const auto state_at = [&](const char* word, const char* time) {
        volume.file(state, std::string(R"({"gateway_state": ")") + word + R"(", "updated_at": )" +
                               time + "}");
        return volume.judged();
    };
    CHECK(state_at("running", R"("2026-11-20T11:59:00Z")").parked);
    CHECK(state_at("startup_failed", R"("2026-11-20T13:00:00Z")").parked);
    const auto later = state_at("running", R"("2026-11-20T13:00:00Z")");
    CHECK_FALSE(later.parked);
    CHECK(later.parking_ended_by == "a life since then was running");
    CHECK_FALSE(state_at("running", "1795300000").parked); // as its tools write it
    volume.file(store::intent_file_name, R"({"desired_state": "stopped", "generation": 3})", 5);
    volume.file(state, R"({"desired_state": "running"})", 1'795'300'000'000'000'000);
    CHECK(volume.judged().parking_ended_by == "another tool has set the intent since");
}

TEST_CASE("snapshot: deaths that cannot be read are none") {
    const Volume good =
        Volume().file(store::deaths_file_name, R"({"count": 3, "last": "2026-11-20T23:45:25Z"})");
    CHECK(good.judged().deaths.count == 3);
    CHECK(good.judged().deaths.last);
    CHECK(Volume().file(store::deaths_file_name, "torn").judged().deaths.count == 0);
    CHECK(
        Volume().file(store::deaths_file_name, R"({"count": 99999999999})").judged().deaths.count ==
        0);
}

TEST_CASE("snapshot: the service's settings, and why they cannot be used") {
    const auto service = [](std::string bytes) {
        return Volume().file(store::service_settings_file_name, std::move(bytes)).judged().service;
    };
    CHECK(service(R"({"port": 9300})").settings.port == 9300);
    CHECK_FALSE(service(R"({"port": 65536})").settings.port);
    CHECK(service(R"({"env": {"A": "b"}})").settings.environment == Environment{{"A", "b"}});
    CHECK_FALSE(service(R"({"env": {"1A": "b"}})").problem.empty());
    CHECK_FALSE(service("torn").problem.empty());
}

TEST_CASE("snapshot: the run record, also as a bare pid") {
    const auto record = [](std::string bytes) {
        return Volume().file(store::run_record_name, std::move(bytes)).judged().run_record;
    };
    const auto full = record(R"({"pid": 12, "start_time": 34, "arrival": "takeover"})");
    REQUIRE(full);
    CHECK(full->process == ProcessIdentity{Pid{12}, StartTime{34}});
    CHECK(full->arrival == store::Arrival::takeover);
    REQUIRE(record("12\n"));
    CHECK(record("12\n")->process.pid == Pid{12});
    CHECK_FALSE(record("12\n")->process.start_time);
    for (const char* bytes : {"", "0", "-1", "12 13", R"({"pid": 0})", R"({"pid": "12"})"}) {
        CAPTURE(bytes);
        CHECK_FALSE(record(bytes));
    }
    CHECK_FALSE(record(std::string(65, ' ') + "12"));
}

TEST_CASE("run record: a pid of another container means nobody here, whoever has it") {
    store::RunRecord record;
    record.process = sys::identity_of(Pid{::getpid()}).value();
    CHECK(store::is_live(record)); // of a writer that does not tell
    record.pid_namespace = sys::pid_namespace();
    CHECK(store::is_live(record));
    record.pid_namespace = "pid:[1]";
    CHECK_FALSE(store::is_live(record));
}

TEST_CASE(
    "snapshot: a marker that cannot be read is an error, a malformed one is none of its kind") {
    const std::string file(file_name_of(MarkerKind::planned_stop));
    const auto unreadable = Volume().problem(file, Answer::unreadable, "EACCES").judged();
    REQUIRE_FALSE(unreadable.planned_stop);
    CHECK(unreadable.planned_stop.error().message ==
          "cannot read the marker /opt/data/profiles/a/" + file + ": EACCES");
    const auto torn = Volume().file(file, "torn").judged();
    REQUIRE(torn.planned_stop);
    REQUIRE(*torn.planned_stop);
    CHECK_FALSE((**torn.planned_stop).marker);
    const auto good =
        Volume().file(file, R"({"target_pid": 7, "written_at": "2026-11-20T23:45:25Z"})").judged();
    REQUIRE(*good.planned_stop);
    CHECK((**good.planned_stop).marker->target.pid == Pid{7});
    CHECK_FALSE(*good.takeover);
}

TEST_CASE("snapshot: read from a directory, no symlink is followed and nothing else is opened") {
    std::string path = (std::filesystem::temp_directory_path() / "snapshot-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    const std::filesystem::path directory(path);
    std::filesystem::create_directory(directory / "state");
    std::ofstream(directory / "state/gateway.parked.json") << R"({"reason": "why"})";
    std::ofstream(directory / "secret") << R"({"desired_state": "running"})";
    std::filesystem::create_symlink("secret", directory / store::intent_file_name);
    const auto opened = sys::Directory::open(path);
    REQUIRE(opened);
    store::ReadBudget budget;
    const auto files = store::read_profile_files(*opened, budget);
    CHECK(files.path == path);
    CHECK(files.entries.size() == 3);
    CHECK_FALSE(files.contents.contains("secret"));
    CHECK_FALSE(files.contents.contains(store::run_record_name)); // the listing has none
    CHECK(files.content(state).answer == Answer::absent);
    const auto snapshot = store::judge_files(files);
    CHECK(snapshot.intent.intent_file.answer == FileAnswer::unreadable);
    REQUIRE(snapshot.parked);
    CHECK(snapshot.parked->reason == "why");
    std::filesystem::remove_all(directory);
}

TEST_CASE("snapshot: files of an old pid namespace are stale, unless their process lives") {
    Volume volume;
    volume.file(store::pid_file_name, "12").entry(store::process_list_name);
    volume.file(store::run_record_name, "12");
    const auto dead = reconcile::observation_of(name, volume.judged(), false);
    CHECK(dead.stale_files ==
          std::vector<std::string>{"gateway.pid", "processes.json", ".gateway-run.json"});
    const auto live = reconcile::observation_of(name, volume.judged(), true);
    CHECK(live.stale_files == std::vector<std::string>{"processes.json"});
    const auto directory = reconcile::observation_of(
        name, Volume().entry("gateway.pid", sys::EntryKind::directory).judged(), false);
    CHECK(directory.stale_files.empty());
    REQUIRE(codes(directory) == std::vector<std::string>{"stale-file-is-directory"});
    CHECK(to_line(directory.findings[0]) == "gateway.pid is a directory: left alone");
}

TEST_CASE("snapshot: what cannot be used is found, in the order of the report") {
    Volume volume;
    volume.file(store::intent_file_name, "torn").file(store::service_settings_file_name, "torn");
    const auto seen = reconcile::observation_of(name, volume.judged(), false);
    CHECK_FALSE(seen.known.settings_known);
    REQUIRE(codes(seen) ==
            std::vector<std::string>{"unusable-intent-file", "unusable-service-settings"});
    CHECK(to_line(seen.findings[0]) == ".gateway-intent.json cannot be used");
    CHECK(to_line(seen.findings[1]).starts_with(".gateway-service.json: "));
}

TEST_CASE("snapshot: a state file that cannot be read is said where the intent file decides") {
    Volume volume;
    volume.problem(state, Answer::unreadable, "Too many open files");
    CHECK(codes(reconcile::observation_of(name, volume.judged(), false)).empty()); // row 4 says it
    volume.file(store::intent_file_name, R"({"desired_state":"running","generation":1})");
    const auto seen = reconcile::observation_of(name, volume.judged(), false);
    CHECK(codes(seen) == std::vector<std::string>{"unusable-state-file"});
}
