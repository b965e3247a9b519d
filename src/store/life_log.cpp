#include "store/life_log.hpp"

#include "base/json_fields.hpp"
#include "base/json_object.hpp"
#include "base/profile_name.hpp"
#include "base/text.hpp"
#include "store/subdirectory.hpp"
#include "sys/growing_file.hpp"

#include <algorithm>
#include <array>

namespace gw::store {

namespace {

constexpr const char* file_name = "gateway.lives.jsonl";
constexpr const char* rotated_name = "gateway.lives.jsonl.1";

constexpr std::array<std::string_view, 5> kinds = {"began", "draining", "ended", "crashed",
                                                   "parked"};

std::optional<LifeEventKind> kind_of(std::string_view word) {
    const auto* const found = std::find(kinds.begin(), kinds.end(), word);
    return found == kinds.end() ? std::nullopt
                                : std::optional(static_cast<LifeEventKind>(found - kinds.begin()));
}

/// The profile, by the name of its directory; the home, wherever it is mounted, is `default`.
std::string name_of(const sys::Directory& profile) {
    const std::string_view path = profile.path();
    const auto name = base_name(path);
    const auto parent = path.substr(0, path.size() - std::min(path.size(), name.size() + 1));
    return std::string(base_name(parent) == "profiles" ? name : ProfileName::root_text);
}

void read_lines(const sys::Directory& state, const char* file, const std::string& profile,
                std::vector<LifeEvent>& events) {
    const auto content = sys::read_end(state, file, life_log_limit * 2);
    for (const auto bytes : lines_of(content)) {
        const auto line = parse_json_object(bytes);
        const auto kind = line ? kind_of(text_field(*line, "event")) : std::nullopt;
        const auto at = line ? parse_rfc3339(text_field(*line, "at")) : std::nullopt;
        if (kind && at && text_field(*line, "profile") == profile) {
            events.push_back({*kind, *at, number_field<std::int64_t>(*line, "pid").value_or(0),
                              text_field(*line, "cause"), text_field(*line, "detail")});
        }
    }
}

} // namespace

std::string_view to_string(LifeEventKind kind) {
    return kinds.at(static_cast<std::size_t>(kind));
}

void append_life_event(sys::Effects& effects, const sys::Directory& profile,
                       const LifeEvent& event) {
    const auto state = open_subdirectory(effects, profile, state_directory);
    if (!state) {
        return;
    }
    const auto before = sys::read_file(*state, file_name, life_log_limit);
    if (before.answer == sys::FileContent::Answer::too_large) {
        (void)effects.rename(*state, file_name, *state, rotated_name);
    }
    const Json line = {
        {"at", to_rfc3339(event.at)},     {"profile", name_of(profile)},
        {"event", to_string(event.kind)}, {"pid", event.pid > 0 ? Json(event.pid) : Json()},
        {"cause", event.cause},           {"detail", event.detail}};
    (void)effects.append_file(*state, file_name, to_json_line(line));
}

std::vector<LifeEvent> read_life_log(const sys::Directory& profile) {
    std::vector<LifeEvent> events;
    const auto state = profile.find(state_directory);
    if (state && *state) {
        for (const auto* file : {rotated_name, file_name}) {
            read_lines(**state, file, name_of(profile), events);
        }
    }
    return events;
}

} // namespace gw::store
