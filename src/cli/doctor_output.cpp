#include "cli/doctor_output.hpp"

#include "base/json_fields.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace gw::cli {

namespace {

std::string coloured(Severity severity, const Palette& palette) {
    const auto word = to_string(severity);
    return severity == Severity::error  ? palette.bad(word)
           : severity == Severity::note ? palette.dim(word)
                                        : std::string(word);
}

std::optional<Finding> finding_in(const Json& said) {
    const auto severity = parse_severity(text_field(said, "severity"));
    return severity ? std::optional(Finding{text_field(said, "code"), text_field(said, "subject"),
                                            text_field(said, "what"), text_field(said, "why"),
                                            text_field(said, "cure"), *severity})
                    : std::nullopt;
}

/// Empty when it is absent, or something else.
const Json& field(const Json& object, const char* key, Json::value_t type) {
    static const Json nothing;
    const auto found = object.find(key);
    return found != object.end() && found->type() == type ? *found : nothing;
}

inspect::Section section_in(const Json& said) {
    inspect::Section section{text_field(said, "name"), {}, {}};
    for (const auto& [what, seen] : field(said, "facts", Json::value_t::object).items()) {
        section.facts.emplace_back(what, word_of(seen));
    }
    for (const auto& one : field(said, "findings", Json::value_t::array)) {
        if (const auto finding = finding_in(one)) {
            section.findings.push_back(*finding);
        }
    }
    return section;
}

} // namespace

std::string to_text(const std::vector<inspect::Section>& sections, const Palette& palette) {
    std::string text;
    for (const auto& section : sections) {
        text += section.name + "\n";
        for (const auto& [what, seen] : section.facts) {
            text += palette.dim(fmt::format("  {}: {}", what, printable(seen))) + "\n";
        }
        for (const auto& one : section.findings) {
            text += fmt::format("  {}: {}{}\n", coloured(one.severity, palette),
                                one.subject.empty() ? "" : printable(one.subject) + ": ",
                                printable(one.what));
            text += one.why.empty() ? "" : "      " + printable(one.why) + "\n";
            text += one.cure.empty() ? "" : "      $ " + printable(one.cure) + "\n";
        }
    }
    return text;
}

Json to_json(const std::vector<inspect::Section>& sections) {
    Json root = Json::object();
    root["version"] = 1;
    const auto worst = inspect::worst_of(sections);
    root["worst"] = worst ? Json(to_string(*worst)) : Json();
    root["sections"] = Json::array();
    for (const auto& section : sections) {
        Json facts = Json::object();
        for (const auto& [what, seen] : section.facts) {
            facts[what] = printable(seen);
        }
        Json findings = Json::array();
        for (const auto& one : section.findings) {
            findings.push_back(finding_json(one));
        }
        root["sections"].push_back({{"name", section.name},
                                    {"facts", std::move(facts)},
                                    {"findings", std::move(findings)}});
    }
    return root;
}

std::vector<inspect::Section> sections_in(const Json& said) {
    std::vector<inspect::Section> sections;
    for (const auto& one : field(said, "sections", Json::value_t::array)) {
        sections.push_back(section_in(one));
    }
    return sections;
}

int exit_status_of(const std::vector<inspect::Section>& sections) {
    const auto worst = inspect::worst_of(sections).value_or(Severity::note);
    return worst == Severity::error     ? exit_status::some_failed
           : worst == Severity::warning ? exit_status::changes_pending
                                        : exit_status::done;
}

} // namespace gw::cli
