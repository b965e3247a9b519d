#include "inspect/checkup.hpp"

#include "base/text.hpp"
#include "cli/doctor_output.hpp"
#include "cli/verbs.hpp"
#include "operate/fleet_program.hpp"
#include "operate/safe_cures.hpp"
#include "rules/findings.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace gw::cli {

namespace {

/// Each member of etcd may take its time; for a program that hangs.
constexpr milliseconds fleet_patience{60'000};

/// What became of a safe cure.
struct Attempt {
    Finding finding;
    std::optional<Error> error;
};

Json with_attempts(Json root, const std::vector<Attempt>& attempts) {
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

std::string attempts_text(const std::vector<Attempt>& attempts) {
    std::string text = attempts.empty() ? "nothing that can be mended safely\n" : "";
    for (const auto& [finding, error] : attempts) {
        text +=
            fmt::format("{}: {}: {}\n", error ? "not mended" : "mended", printable(finding.subject),
                        error ? printable(error->message) : printable(finding.what));
    }
    return text;
}

/// By `gatewayctl-fleet`, for this program knows nothing of etcd.
inspect::Section check_up_fleet(const store::Home& home, const Settings& settings,
                                sys::Effects& effects) {
    auto argv = operate::fleet_program(home.path(), settings);
    argv.emplace_back("doctor");
    const auto done = effects.run(argv, fleet_patience);
    const auto said = done ? parse_json_object(done->out) : std::unexpected(done.error());
    auto sections = said ? sections_in(*said) : std::vector<inspect::Section>{};
    if (!sections.empty()) {
        return sections.front();
    }
    auto missing = finding(FindingCode::missing_tool, {}, "the fleet cannot be looked at",
                           done ? shortened(trimmed(done->err)) : done.error().message);
    missing.cure = "gatewayctl fleet doctor";
    return {"fleet", {}, {std::move(missing)}};
}

} // namespace

int doctor(Context& context, const Words& words, sys::Effects& effects) {
    const auto settings = context.settings();
    const auto home = settings ? context.home() : std::unexpected(settings.error());
    const auto manager = home ? context.manager() : std::unexpected(home.error());
    const inspect::Patient patient{settings, home, manager};
    const auto look = [&] {
        auto sections = inspect::check_up(patient, effects);
        if (settings && home && (*settings)->fleet) {
            sections.push_back(check_up_fleet(**home, **settings, effects));
        }
        return sections;
    };
    auto sections = look();
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
        complete = (json || print(attempts_text(attempts))) && complete;
        sections = look();
    }
    complete = (!json || print_json(with_attempts(to_json(sections), attempts))) && complete;
    return complete ? exit_status_of(sections) : exit_status::some_failed;
}

} // namespace gw::cli
