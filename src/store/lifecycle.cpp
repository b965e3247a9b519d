#include "store/lifecycle.hpp"

#include "base/text.hpp"
#include "store/state_file.hpp"
#include "sys/clock.hpp"

#include <array>
#include <fmt/format.h>

namespace gw::store {

namespace {

constexpr const char* state_directory = "state";
constexpr const char* lifecycle_name = "gateway.lifecycle.json";

/// What the stop had reached; nullopt when there is no `.clean_shutdown`.
std::optional<std::string> stop_progress(const sys::Directory& profile) {
    constexpr std::size_t limit = 4096;
    const auto content = sys::read_file(profile, clean_shutdown_file_name, limit);
    return content.answer == sys::FileContent::Answer::absent
               ? std::nullopt
               : std::optional(std::string(trimmed(content.bytes)));
}

PriorLife from_clean_shutdown(const std::optional<std::string>& progress) {
    if (!progress) {
        return {};
    }
    for (const auto unfinished : {StopProgress::draining, StopProgress::timed_out}) {
        if (*progress == to_string(unfinished)) {
            return {PriorExit::unclean, "the stop came as far as " + *progress};
        }
    }
    return {PriorExit::clean, {}};
}

} // namespace

PriorLife read_prior_life(const sys::Directory& profile) {
    const auto file = read_json_file(profile, lifecycle_file_name);
    const auto phase = file.object.find("phase");
    if (file.answer != FileAnswer::ok || phase == file.object.end() || !phase->is_string()) {
        return from_clean_shutdown(stop_progress(profile));
    }
    PriorLife life;
    if (const auto detail = file.object.find("detail");
        detail != file.object.end() && detail->is_string()) {
        life.detail = detail->get<std::string>();
    }
    if (*phase == "running") {
        const auto progress = stop_progress(profile);
        life.exit = PriorExit::unclean;
        life.detail = progress ? "killed while " + printable(*progress) : "killed";
    } else if (*phase == "exited") {
        const auto clean = file.object.find("clean");
        const bool said_unclean = clean != file.object.end() && *clean == false;
        life.exit = said_unclean ? PriorExit::unclean : PriorExit::clean;
    }
    return life;
}

namespace {

Result<void> write_lifecycle(sys::Effects& effects, const sys::Directory& profile,
                             const Json& record) {
    if (auto made = effects.make_directory(profile, state_directory, 0755); !made) {
        return made;
    }
    const auto state = profile.find(state_directory);
    if (!state || !*state) {
        return state ? fail(Errc::io, "cannot open " + profile.path_of(state_directory))
                     : std::unexpected(state.error());
    }
    return effects.replace_file(**state, lifecycle_name, to_json_line(record),
                                sys::Durability::durable);
}

} // namespace

Result<void> record_begin(sys::Effects& effects, const sys::Directory& profile,
                          const LifeBegin& begin) {
    const Moment now = sys::now();
    Json record = Json::object();
    record["phase"] = "running";
    record["pid"] = begin.process.pid.value;
    if (begin.process.start_time) {
        record["start_time"] = begin.process.start_time->ticks;
    }
    record["child_pid"] = begin.child.value;
    record["boot_id"] = now.boot_id;
    record["started_at"] = to_rfc3339(now.wall);
    record["prior_exit"] = to_string(begin.prior.exit);
    record["prior_detail"] = begin.prior.detail;
    if (begin.oom_kills) {
        record["oom_kills_before"] = *begin.oom_kills;
    }
    return write_lifecycle(effects, profile, record);
}

Result<void> record_end(sys::Effects& effects, const sys::Directory& profile, const LifeEnd& end) {
    auto file = read_json_file(profile, lifecycle_file_name);
    Json record = file.answer == FileAnswer::ok ? std::move(file.object) : Json::object();
    const bool killed = end.child.kind == ChildEnd::Kind::killed;
    const bool exited = end.child.kind == ChildEnd::Kind::exited;
    record["phase"] = "exited";
    record["cause"] = to_string(end.verdict.cause);
    record["exit_code"] = end.verdict.exit_code;
    record["child_exit_code"] = exited ? Json(end.child.value) : Json();
    record["child_signal"] = killed ? Json(end.child.value) : Json();
    record["clean"] = end.verdict.clean;
    record["detail"] = end.detail;
    record["oom_kills"] = end.oom_kills ? Json(*end.oom_kills) : Json();
    record["ended_at"] = to_rfc3339(sys::now().wall);
    return write_lifecycle(effects, profile, record);
}

namespace {

/// s6-supervise runs finish at once; a record older than this is another life's.
constexpr std::chrono::seconds record_is_fresh{30};

bool is_running(const JsonFile& file) {
    const auto phase = file.object.find("phase");
    return file.answer == FileAnswer::ok && phase != file.object.end() && *phase == "running";
}

} // namespace

bool ended_orderly(const sys::Directory& profile, const Death& death) {
    const auto file = read_json_file(profile, lifecycle_file_name);
    if (file.answer != FileAnswer::ok) {
        return from_clean_shutdown(stop_progress(profile)).exit == PriorExit::clean;
    }
    const auto ended = file.object.find("ended_at");
    const auto at = ended != file.object.end() && ended->is_string()
                        ? parse_rfc3339(ended->get<std::string>())
                        : std::nullopt;
    return !is_running(file) && at && death.at - *at < record_is_fresh &&
           read_prior_life(profile).exit == PriorExit::clean;
}

Result<void> record_death(sys::Effects& effects, const sys::Directory& profile,
                          const Death& death) {
    auto file = read_json_file(profile, lifecycle_file_name);
    if (!is_running(file)) {
        return {};
    }
    const auto before = read_prior_life(profile);
    file.object["phase"] = "exited";
    file.object["cause"] = to_string(EndCause::crashed);
    file.object["exit_code"] = death.signal ? Json() : Json(death.code);
    file.object["signal"] = death.signal ? Json(*death.signal) : Json();
    file.object["clean"] = false;
    file.object["detail"] = death.signal
                                ? fmt::format("{} by signal {}", before.detail, *death.signal)
                                : fmt::format("code {}", death.code);
    file.object["ended_at"] = to_rfc3339(death.at);
    return write_lifecycle(effects, profile, file.object);
}

std::string_view to_string(StopProgress progress) {
    constexpr std::array<std::string_view, 3> names = {"draining", "drained", "timed out"};
    return names.at(static_cast<std::size_t>(progress));
}

Result<void> write_clean_shutdown(sys::Effects& effects, const sys::Directory& profile,
                                  StopProgress progress) {
    return effects.replace_file(profile, clean_shutdown_file_name,
                                std::string(to_string(progress)) + "\n", sys::Durability::durable);
}

Result<void> consume_clean_shutdown(sys::Effects& effects, const sys::Directory& profile) {
    return effects.remove_file(profile, clean_shutdown_file_name);
}

} // namespace gw::store
