#include "base/text.hpp"
#include "base/time_words.hpp"
#include "cli/history_output.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"
#include "sys/clock.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::cli {

namespace {

constexpr std::size_t narrowest_bar = 10;
constexpr std::size_t usual_columns = 80;

std::string second_of(WallTime time) {
    return utc_text(std::chrono::duration_cast<seconds>(time.time_since_epoch()).count());
}

std::string legend_line() {
    std::string text;
    for (const auto kind : known_span_kinds) {
        text += fmt::format("{}{} {}", text.empty() ? "" : "  ", mark_of(kind), to_string(kind));
    }
    return text + "\n";
}

} // namespace

std::string length_of(const Span& span) {
    return span_text(std::chrono::floor<seconds>(span.to - span.from));
}

std::string history_text(const inspect::History& history, std::size_t columns) {
    if (history.gateways.empty()) {
        return "nothing was recorded yet\n";
    }
    std::size_t widest = 0;
    for (const auto& gateway : history.gateways) {
        widest = std::max(widest, gateway.profile.str().size());
    }
    const auto width = std::max(columns > widest + 2 ? columns - widest - 2 : 0, narrowest_bar);
    auto text = fmt::format("{} to {}, {} boots\n", second_of(history.from), second_of(history.to),
                            history.boots.size());
    for (const auto& gateway : history.gateways) {
        text += fmt::format("{:<{}}  {}\n", gateway.profile.str(), widest,
                            bar_of(gateway.spans, history.from, history.to, width));
    }
    text += legend_line();
    if (history.gateways.size() == 1) {
        Table table({"FROM", "WAS", "FOR", "HOW IT CAME"});
        for (const auto& span : history.gateways.front().spans) {
            table.add({second_of(span.from), std::string(to_string(span.kind)), length_of(span),
                       span.detail.empty() ? "-" : printable(span.detail)});
        }
        text += table.text(columns_of_stdout());
    }
    return text;
}

Json history_json(const inspect::History& history) {
    Json root = Json::object();
    root["version"] = 1;
    root["from"] = to_rfc3339(history.from);
    root["to"] = to_rfc3339(history.to);
    root["boots"] = Json::array();
    for (const auto& boot : history.boots) {
        root["boots"].push_back({{"at", to_rfc3339(boot.at)},
                                 {"profiles", boot.profiles},
                                 {"started", boot.started},
                                 {"failed", boot.failed}});
    }
    root["gateways"] = Json::array();
    for (const auto& gateway : history.gateways) {
        Json spans = Json::array();
        for (const auto& span : gateway.spans) {
            spans.push_back({{"was", to_string(span.kind)},
                             {"from", to_rfc3339(span.from)},
                             {"to", to_rfc3339(span.to)},
                             {"pid", span.pid > 0 ? Json(span.pid) : Json()},
                             {"detail", words_or_null(span.detail)}});
        }
        root["gateways"].push_back(
            {{"profile", gateway.profile.str()}, {"spans", std::move(spans)}});
    }
    return root;
}

int history(Context& context, const Words& words, sys::Effects& effects) {
    const auto home = context.home();
    if (!home) {
        return report_error(home.error());
    }
    const auto name = words.value("NAME");
    const bool all = !name && !context.globals().profile;
    const auto targets =
        all ? Result<std::vector<ProfileName>>{}
            : named_targets(context, name ? std::vector{*name} : std::vector<std::string>{});
    if (!targets) {
        return report_error(targets.error());
    }
    for (const auto& target : *targets) {
        if (const auto there = (*home)->require(target); !there) {
            return report_error(there.error());
        }
    }
    const auto seen = inspect::read_history(**home, *targets, sys::now().wall);
    if (const auto file = words.value("--html")) {
        const auto written = write_whole(effects, *file, history_page(seen));
        return written ? exit_status::done : report_error(written.error());
    }
    return printed(context.globals().json
                       ? print_json(history_json(seen))
                       : print(history_text(seen, columns_of_stdout().value_or(usual_columns))));
}

} // namespace gw::cli
