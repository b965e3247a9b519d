#include "store/park.hpp"

#include "base/json_fields.hpp"
#include "store/life_log.hpp"
#include "store/profile_files.hpp"
#include "store/subdirectory.hpp"
#include "sys/clock.hpp"

namespace gw::store {

namespace {

constexpr const char* parked_name = "gateway.parked.json";
constexpr const char* deaths_name = "gateway.deaths.json";

int count_of(const Json& json) {
    return number_field<int>(json, "count").value_or(0);
}

} // namespace

std::optional<Parked> judge_park(const JsonFile& file) {
    switch (file.answer) {
    case FileAnswer::absent:
        return std::nullopt;
    case FileAnswer::ok:
        return Parked{text_field(file.object, "reason"), text_field(file.object, "since"),
                      count_of(file.object)};
    case FileAnswer::unreadable:
    case FileAnswer::corrupt:
        break;
    }
    return Parked{"the parked record cannot be used: " + file.problem, {}, 0};
}

namespace {

Json with_life(Json record, const std::optional<LifeName>& life) {
    if (life) {
        Json name = Json::object();
        name_process(name, life->process);
        name["boot_id"] = life->boot_id;
        record["life"] = std::move(name);
    }
    return record;
}

Result<void> remove_state_record(sys::Effects& effects, const sys::Directory& profile,
                                 const char* name) {
    const auto state = profile.find(state_directory);
    if (!state || !*state) {
        return state ? Result<void>{} : std::unexpected(state.error());
    }
    return effects.remove_file(**state, name);
}

} // namespace

Result<void> park(sys::Effects& effects, const sys::Directory& profile, const std::string& reason,
                  int count, const std::optional<LifeName>& life) {
    const auto now = sys::now().wall;
    auto written = write_state_record(
        effects, profile, parked_name,
        with_life({{"reason", reason}, {"since", to_rfc3339(now)}, {"count", count}}, life));
    append_life_event(effects, profile, {LifeEventKind::parked, now, 0, {}, reason});
    return written;
}

Result<void> end_parking(sys::Effects& effects, const sys::Directory& profile) {
    return remove_state_record(effects, profile, parked_name);
}

Result<void> unpark(sys::Effects& effects, const sys::Directory& profile) {
    auto removed = remove_state_record(effects, profile, deaths_name);
    return removed ? end_parking(effects, profile) : removed;
}

DeathTally judge_deaths(const JsonFile& file) {
    if (file.answer != FileAnswer::ok) {
        return {};
    }
    return {count_of(file.object), parse_rfc3339(text_field(file.object, "last"))};
}

Result<void> write_deaths(sys::Effects& effects, const sys::Directory& profile,
                          const DeathTally& tally, const std::optional<LifeName>& last_life) {
    return write_state_record(
        effects, profile, deaths_name,
        with_life(
            {{"count", tally.count}, {"last", tally.last ? Json(to_rfc3339(*tally.last)) : Json()}},
            last_life));
}

} // namespace gw::store
