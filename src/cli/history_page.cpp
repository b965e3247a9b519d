#include "base/text.hpp"
#include "base/time_words.hpp"
#include "cli/history_output.hpp"

#include <algorithm>
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
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>gateways: history</title><style>
:root{color-scheme:light dark;--back:#fff;--text:#1f2328;--faint:#59636e;--line:#d1d9e0;--none:#f0f2f5;
--up:#2da44e;--draining:#d4a72c;--down:#8c959f;--crashed:#cf222e;--parked:#8250df;--container-stop:#0969da}
@media(prefers-color-scheme:dark){:root{--back:#0d1117;--text:#e6edf3;--faint:#9198a1;--line:#3d444d;
--none:#1b2129;--up:#3fb950;--draining:#d29922;--down:#6e7681;--crashed:#f85149;--parked:#a371f7;
--container-stop:#58a6ff}}
body{font:14px/1.5 system-ui,sans-serif;margin:1.5rem auto;max-width:80rem;padding:0 1.5rem;
background:var(--back);color:var(--text)}
h1{font-size:1.25rem;margin:0}p{margin:.25rem 0 1rem;color:var(--faint)}a{color:inherit;text-decoration:none}
a:hover{text-decoration:underline}
.legend b{display:inline-block;width:.9rem;height:.9rem;border-radius:2px;margin:0 .35rem 0 0;
vertical-align:-2px}.legend span{margin-right:1.1rem;white-space:nowrap}
.lines{display:grid;grid-template-columns:fit-content(16rem) 1fr;gap:.3rem 1rem;align-items:center}
.name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.axis{position:sticky;top:0;background:var(--back);height:1.6rem;color:var(--faint);font-size:12px;z-index:1}
.axis span{position:absolute;top:.2rem;padding-left:.3rem;border-left:1px solid var(--line);white-space:nowrap}
.bar{position:relative;height:1.25rem;background:var(--none);border-radius:3px;overflow:hidden}
.bar i{position:absolute;top:0;bottom:0;min-width:2px}.bar .down,.bar .container-stop{top:38%;bottom:38%}
.boot{position:absolute;top:0;bottom:0;border-left:1px dashed var(--text);opacity:.55}
.up{background:var(--up)}.draining{background:var(--draining)}.down{background:var(--down)}
.crashed{background:repeating-linear-gradient(135deg,var(--crashed) 0 4px,var(--none) 4px 6px)}
.parked{background:var(--parked)}.container-stop{background:var(--container-stop)}
h2{font-size:1.05rem;margin:2rem 0 .5rem}details{border-top:1px solid var(--line);padding:.35rem 0}
summary{cursor:pointer;overflow-wrap:anywhere}summary small{color:var(--faint);margin-left:.6rem}
table{border-collapse:collapse;margin:.4rem 0 .6rem 1rem}td{padding:.1rem 1.2rem .1rem 0;vertical-align:top}
td:not(:last-child){white-space:nowrap;font-variant-numeric:tabular-nums}td:last-child{overflow-wrap:anywhere}
@media(max-width:720px){.lines{grid-template-columns:minmax(0,1fr);gap:.1rem}.lines>span{display:none}
.axis span:nth-child(even),.axis span:last-child{display:none}.bar{margin-bottom:.4rem}table{margin-left:0}tr{display:block;
margin:.4rem 0}td{display:inline-block;padding-right:.8rem}td:last-child{display:block}}
</style></head><body>
)";

std::string time_text(WallTime time) {
    return utc_text(
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
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

/// Times along the top; the last one ends before the line does.
std::string axis(const inspect::History& history) {
    constexpr int parts = 5;
    constexpr auto minute = std::string_view("2026-11-26T08:19").size();
    constexpr auto second = std::string_view("2026-11-26T08:19:23").size();
    const auto step = (history.to - history.from) / parts;
    const auto length = step < std::chrono::minutes(1) ? second : minute;
    std::string text = "<span></span><div class=\"axis\">";
    for (int i = 0; i < parts; ++i) {
        const auto at = history.from + step * i;
        auto label = time_text(at).substr(0, length);
        label.replace(label.find('T'), 1, " ");
        text += fmt::format(R"(<span style="left:{}%">{}</span>)", 100 / parts * i, label);
    }
    return text + "</div>\n";
}

std::string legend_of_page() {
    std::string text = "<p class=\"legend\">";
    for (const auto kind : known_span_kinds) {
        text +=
            fmt::format(R"(<span><b class="{}"></b>{}</span>)", class_of(kind), to_string(kind));
    }
    return text + "<span>┊ boot</span><span>times are UTC</span></p>\n";
}

std::string line_of(const inspect::History& history, const inspect::GatewayHistory& gateway) {
    const auto name = escaped(gateway.profile.str());
    return fmt::format(R"(<a class="name" href="#{0}" title="{0}">{0}</a>)", name) +
           bar(history, gateway) + "\n";
}

std::size_t count_of(const inspect::GatewayHistory& gateway, SpanKind kind) {
    return static_cast<std::size_t>(
        std::count_if(gateway.spans.begin(), gateway.spans.end(),
                      [kind](const Span& span) { return span.kind == kind; }));
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string details(const inspect::GatewayHistory& gateway, bool open) {
    const auto name = escaped(gateway.profile.str());
    auto text = fmt::format(
        R"(<details id="{0}"{1}><summary>{0}<small>{2}, {3}, {4}</small></summary><table>)", name,
        open ? " open" : "",
        gateway.spans.empty() ? "no record" : to_string(gateway.spans.back().kind),
        counted(count_of(gateway, SpanKind::up), "start", "starts"),
        counted(count_of(gateway, SpanKind::crashed), "crash", "crashes"));
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
    page +=
        fmt::format("<h1>Gateways, {} to {}</h1>\n<p>{}, {}</p>\n", time_text(history.from),
                    time_text(history.to), counted(history.gateways.size(), "gateway", "gateways"),
                    counted(history.boots.size(), "boot", "boots"));
    page += legend_of_page() + "<div class=\"lines\">\n" + axis(history);
    for (const auto& gateway : history.gateways) {
        page += line_of(history, gateway);
    }
    page += "</div>\n<h2>What happened</h2>\n";
    for (const auto& gateway : history.gateways) {
        page += details(gateway, history.gateways.size() == 1);
    }
    return page + "</body></html>\n";
}

} // namespace gw::cli
