#include "inspect/checkup.hpp"

#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "operate/safe_cures.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace gw::cli {

namespace {

std::string coloured(Severity severity, const Palette& palette) {
    const auto word = to_string(severity);
    return severity == Severity::error  ? palette.bad(word)
           : severity == Severity::note ? palette.dim(word)
                                        : std::string(word);
}

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

/// What became of a safe cure.
struct Attempt {
    Finding finding;
    std::optional<Error> error;
};

Json to_json(const std::vector<inspect::Section>& sections, const std::vector<Attempt>& attempts) {
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
    root["fixed"] = Json::array();
    for (const auto& [finding, error] : attempts) {
        root["fixed"].push_back({{"code", finding.code},
                                 {"subject", printable(finding.subject)},
                                 {"ok", !error},
                                 {"error", error ? Json(printable(error->message)) : Json()}});
    }
    return root;
}

std::vector<Attempt> cure_all(const operate::Operator& by,
                              const std::vector<inspect::Section>& sections) {
    std::vector<Attempt> attempts;
    for (const auto& section : sections) {
        for (const auto& one : section.findings) {
            if (operate::has_safe_cure(one)) {
                const auto cured = operate::cure_safely(by, one);
                attempts.push_back({one, cured ? std::nullopt : std::optional(cured.error())});
            }
        }
    }
    return attempts;
}

std::string to_text(const std::vector<Attempt>& attempts) {
    std::string text = attempts.empty() ? "nothing that can be mended safely\n" : "";
    for (const auto& [finding, error] : attempts) {
        text +=
            fmt::format("{}: {}: {}\n", error ? "not mended" : "mended", printable(finding.subject),
                        error ? printable(error->message) : printable(finding.what));
    }
    return text;
}

int exit_status_of(const std::vector<inspect::Section>& sections) {
    const auto worst = inspect::worst_of(sections).value_or(Severity::note);
    return worst == Severity::error     ? exit_status::some_failed
           : worst == Severity::warning ? exit_status::changes_pending
                                        : exit_status::done;
}

} // namespace

int doctor(Context& context, const Words& words, sys::Effects& effects) {
    const auto settings = context.settings();
    const auto home = settings ? context.home() : std::unexpected(settings.error());
    const auto manager = home ? context.manager() : std::unexpected(home.error());
    const inspect::Patient patient{settings, home, manager};
    auto sections = inspect::check_up(patient, effects);
    const bool json = context.globals().json;
    const Palette palette(wants_colour(context.globals().colour, STDOUT_FILENO));
    bool complete = json || print(to_text(sections, palette));
    std::vector<Attempt> attempts;
    if (words.has("--fix") && manager) {
        const auto by = context.operator_with(effects);
        if (!by) {
            return report_error(by.error());
        }
        attempts = cure_all(*by, sections);
        complete = (json || print(to_text(attempts))) && complete;
        sections = inspect::check_up(patient, effects);
    }
    complete = (!json || print_json(to_json(sections, attempts))) && complete;
    return complete ? exit_status_of(sections) : exit_status::some_failed;
}

} // namespace gw::cli
