#include "store/park.hpp"

#include "store/state_file.hpp"
#include "sys/clock.hpp"

namespace gw::store {

namespace {

constexpr const char* state_directory = "state";
constexpr const char* parked_name = "gateway.parked.json";
constexpr const char* deaths_name = "gateway.deaths.json";

std::string below_state(const char* name) {
    return std::string(state_directory) + "/" + name;
}

std::string text_of(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int count_of(const Json& json) {
    const auto found = json.find("count");
    return found != json.end() && found->is_number_integer() ? found->get<int>() : 0;
}

Result<void> write_below_state(sys::Effects& effects, const sys::Directory& profile,
                               const char* name, const Json& json) {
    if (auto made = effects.make_directory(profile, state_directory, 0755); !made) {
        return made;
    }
    const auto state = profile.find(state_directory);
    if (!state || !*state) {
        return state ? fail(Errc::io, "cannot open " + profile.path_of(state_directory))
                     : std::unexpected(state.error());
    }
    return effects.replace_file(**state, name, to_json_line(json), sys::Durability::durable);
}

} // namespace

std::optional<Parked> read_park(const sys::Directory& profile) {
    const auto file = read_json_file(profile, below_state(parked_name));
    switch (file.answer) {
    case FileAnswer::absent:
        return std::nullopt;
    case FileAnswer::ok:
        return Parked{text_of(file.object, "reason"), text_of(file.object, "since"),
                      count_of(file.object)};
    case FileAnswer::unreadable:
    case FileAnswer::corrupt:
        break;
    }
    return Parked{"the parked record cannot be used: " + file.problem, {}, 0};
}

Result<void> park(sys::Effects& effects, const sys::Directory& profile, const std::string& reason,
                  int count) {
    return write_below_state(
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

DeathTally read_deaths(const sys::Directory& profile) {
    const auto file = read_json_file(profile, below_state(deaths_name));
    if (file.answer != FileAnswer::ok) {
        return {};
    }
    return {count_of(file.object), parse_rfc3339(text_of(file.object, "last"))};
}

Result<void> write_deaths(sys::Effects& effects, const sys::Directory& profile,
                          const DeathTally& tally) {
    return write_below_state(
        effects, profile, deaths_name,
        {{"count", tally.count}, {"last", tally.last ? Json(to_rfc3339(*tally.last)) : Json()}});
}

} // namespace gw::store
