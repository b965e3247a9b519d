#include "rules/fleet_asks.hpp"

#include "base/json_fields.hpp"
#include "rules/settings.hpp"

#include <algorithm>
#include <array>

namespace gw {

namespace {

constexpr std::array<std::string_view, 3> asked_verbs = {"start", "stop", "restart"};
/// As long as `--reason` may be, and who has asked.
constexpr std::size_t longest_reason = 1000;

std::string line_of(const Json& value) {
    auto line = to_json_line(value);
    line.pop_back();
    return line;
}

} // namespace

std::string to_value(const FleetAsk& ask) {
    return line_of({{"verb", ask.verb},
                    {"profile", ask.profile.str()},
                    {"timeout", ask.timeout},
                    {"force", ask.force},
                    {"waits", ask.waits},
                    {"reason", ask.reason},
                    {"member", ask.member},
                    {"author", ask.author}});
}

std::optional<FleetAsk> parse_ask(std::string_view value) {
    const auto object = parse_json_object(value);
    if (!object) {
        return std::nullopt;
    }
    const auto profile = ProfileName::parse(text_field(*object, "profile"));
    FleetAsk ask{.verb = text_field(*object, "verb"),
                 .profile = profile.value_or(ProfileName::root()),
                 .timeout = text_field(*object, "timeout"),
                 .force = is_true(*object, "force"),
                 .waits = is_true(*object, "waits"),
                 .reason = text_field(*object, "reason"),
                 .member = text_field(*object, "member"),
                 .author = text_field(*object, "author")};
    const bool good = profile && std::ranges::find(asked_verbs, ask.verb) != asked_verbs.end() &&
                      (ask.timeout.empty() || parse_drain_timeout(ask.timeout));
    return good ? std::optional(std::move(ask)) : std::nullopt;
}

std::vector<std::string> words_of(const FleetAsk& ask) {
    std::string reason = ask.reason.empty() ? "" : ask.reason + " ";
    reason += "(typed in " + ask.member + " by " + ask.author + ")";
    std::vector<std::string> words = {ask.verb, ask.profile.str(),
                                      "--reason=" + reason.substr(0, longest_reason)};
    if (!ask.timeout.empty()) {
        words.push_back("--timeout=" + ask.timeout);
    }
    if (ask.force) {
        words.emplace_back("--force");
    }
    if (!ask.waits) {
        words.emplace_back("--no-wait");
    }
    return words;
}

std::string to_value(const FleetAnswer& answer) {
    return line_of({{"member", answer.member},
                    {"status", answer.status},
                    {"outcome", answer.outcome},
                    {"error", answer.error},
                    {"next", answer.next}});
}

std::optional<FleetAnswer> parse_answer(std::string_view value) {
    const auto object = parse_json_object(value);
    const auto status = object ? number_field<int>(*object, "status") : std::nullopt;
    return status ? std::optional(FleetAnswer{
                        text_field(*object, "member"), *status, text_field(*object, "outcome"),
                        text_field(*object, "error"), text_field(*object, "next")})
                  : std::nullopt;
}

} // namespace gw
