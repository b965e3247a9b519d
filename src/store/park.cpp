#include "store/park.hpp"

#include "base/json_fields.hpp"
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

std::optional<Parked> read_park(const sys::Directory& profile) {
    return judge_park(read_json_file(profile, parked_file_name));
}

Result<void> park(sys::Effects& effects, const sys::Directory& profile, const std::string& reason,
                  int count) {
    return write_state_record(
        effects, profile, parked_name,
        {{"reason", reason}, {"since", to_rfc3339(sys::now().wall)}, {"count", count}});
}

Result<void> unpark(sys::Effects& effects, const sys::Directory& profile) {
    const auto state = profile.find(state_directory);
    if (!state || !*state) {
        return state ? Result<void>{} : std::unexpected(state.error());
    }
    if (auto removed = effects.remove_file(**state, deaths_name); !removed) {
        return removed;
    }
    return effects.remove_file(**state, parked_name);
}

DeathTally judge_deaths(const JsonFile& file) {
    if (file.answer != FileAnswer::ok) {
        return {};
    }
    return {count_of(file.object), parse_rfc3339(text_field(file.object, "last"))};
}

DeathTally read_deaths(const sys::Directory& profile) {
    return judge_deaths(read_json_file(profile, deaths_file_name));
}

Result<void> write_deaths(sys::Effects& effects, const sys::Directory& profile,
                          const DeathTally& tally) {
    return write_state_record(
        effects, profile, deaths_name,
        {{"count", tally.count}, {"last", tally.last ? Json(to_rfc3339(*tally.last)) : Json()}});
}

} // namespace gw::store
