#include "base/text.hpp"
#include "base/time_words.hpp"
#include "cli/history_output.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

/// Text for HTML: whatever a profile or a log may hold, it cannot act there.
std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : printable(text)) {
        switch (c) {
        case '<':
            safe += "&lt;";
            break;
        case '>':
            safe += "&gt;";
            break;
        case '&':
            safe += "&amp;";
            break;
        case '"':
            safe += "&quot;";
            break;
        case '\'':
            safe += "&#39;";
            break;
        default:
            safe += c;
        }
    }
    return safe;
}

/// The name of a kind as a class of the style sheet.
std::string class_of(SpanKind kind) {
    std::string name(to_string(kind));
    for (char& c : name) {
        c = c == ' ' ? '-' : c;
    }
    return name;
}

constexpr std::string_view head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>gateways: history</title><style>
:root{color-scheme:light dark;--up:#2e7d32;--draining:#f9a825;--down:#9e9e9e;--crashed:#c62828;
--parked:#6a1b9a;--container-stop:#1565c0}
body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem auto;max-width:72rem;padding:0 1rem}
h1{font-size:1.2rem}table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:500;padding:.25rem .75rem .25rem 0;white-space:nowrap;width:1%}
.bar{position:relative;height:1.25rem;background:#8882;border-radius:3px;overflow:hidden}
.bar i{position:absolute;top:0;bottom:0;min-width:2px}
.boot{position:absolute;top:0;bottom:0;border-left:1px dashed #888}
.up{background:var(--up)}.draining{background:var(--draining)}.down{background:var(--down)}
.crashed{background:var(--crashed)}.parked{background:var(--parked)}
.container-stop{background:var(--container-stop)}
.legend b{display:inline-block;width:.9rem;height:.9rem;border-radius:2px;margin:0 .3rem 0 1rem;
vertical-align:-2px}
details{margin:.5rem 0}td{padding:.1rem .75rem .1rem 0;vertical-align:top}
td:first-child,td:nth-child(3){white-space:nowrap}
</style></head><body>
)";

std::string time_text(WallTime time) {
    return utc_text(
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

std::string length_of(const Span& span) {
    return span_text(std::chrono::floor<std::chrono::seconds>(span.to - span.from));
}

/// Where a moment is on the line of time.
double percent_of(const inspect::History& history, WallTime at) {
    const auto width =
        std::max<double>(static_cast<double>((history.to - history.from).count()), 1);
    return 100.0 * static_cast<double>((at - history.from).count()) / width;
}

std::string bar(const inspect::History& history, const inspect::GatewayHistory& gateway) {
    std::string text = "<div class=\"bar\">";
    for (const auto& span : gateway.spans) {
        const auto left = percent_of(history, span.from);
        text += fmt::format(
            R"(<i class="{}" style="left:{:.3f}%;width:{:.3f}%" title="{} for {}, from {} {}"></i>)",
            class_of(span.kind), left, percent_of(history, span.to) - left, to_string(span.kind),
            length_of(span), time_text(span.from), escaped(span.detail));
    }
    for (const auto& boot : history.boots) {
        if (boot.at >= history.from) {
            text +=
                fmt::format(R"(<span class="boot" style="left:{:.3f}%" title="boot at {}"></span>)",
                            percent_of(history, boot.at), time_text(boot.at));
        }
    }
    return text + "</div>";
}

std::string details(const inspect::GatewayHistory& gateway) {
    auto text =
        fmt::format("<details><summary>{}</summary><table>", escaped(gateway.profile.str()));
    for (const auto& span : gateway.spans) {
        text += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                            time_text(span.from), to_string(span.kind), length_of(span),
                            escaped(span.detail));
    }
    return text + "</table></details>\n";
}

} // namespace

std::string history_page(const inspect::History& history) {
    std::string page(head);
    page += fmt::format("<h1>{} to {}</h1>\n<p class=\"legend\">", time_text(history.from),
                        time_text(history.to));
    for (const auto kind : {SpanKind::up, SpanKind::draining, SpanKind::down, SpanKind::crashed,
                            SpanKind::parked, SpanKind::container_stop}) {
        page += fmt::format(R"(<b class="{}"></b>{})", class_of(kind), to_string(kind));
    }
    page += "</p>\n<table>\n";
    for (const auto& gateway : history.gateways) {
        page += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", escaped(gateway.profile.str()),
                            bar(history, gateway));
    }
    page += "</table>\n";
    for (const auto& gateway : history.gateways) {
        page += details(gateway);
    }
    return page + "</body></html>\n";
}

} // namespace gw::cli
