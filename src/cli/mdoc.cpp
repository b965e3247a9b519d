#include "cli/mdoc.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <vector>

namespace gw::cli {

namespace {

constexpr std::size_t line_width = 78;

/// Roff's own characters, and the hyphens of options, which must stay what they are in a copy.
std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
        case '\\':
            result += "\\e";
            break;
        case '-':
            result += "\\-";
            break;
        default:
            result += c;
        }
    }
    return result;
}

/// `run` becomes bold.
std::string with_fonts(std::string_view text) {
    std::string result;
    bool typed = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto next = std::min(text.find('`', at), text.size());
        result += escaped(text.substr(at, next - at));
        if (next < text.size()) {
            typed = !typed;
            result += typed ? "\\fB" : "\\fR";
        }
        at = next + 1;
    }
    return result;
}

bool ends_sentence(std::string_view word) {
    return word.ends_with('.') || word.ends_with('?') || word.ends_with('!') ||
           word.ends_with(".)");
}

/// At the beginning of a line a point or a quote would make a macro of it.
std::string line_start(std::string word) {
    return word.starts_with('.') || word.starts_with('\'') ? "\\&" + word : word;
}

} // namespace

Mdoc::Mdoc(std::string_view name, int section, std::string_view date, std::string_view summary) {
    std::string title(name);
    std::ranges::transform(title, title.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    macro(fmt::format("Dd {}", date));
    macro(fmt::format("Dt {} {}", title, section));
    macro("Os");
    macro("Sh NAME");
    macro(fmt::format("Nm {}", name));
    macro(fmt::format("Nd {}", with_fonts(summary)));
}

void Mdoc::section(std::string_view title) {
    macro(fmt::format("Sh {}", title));
    fresh_ = true;
}

void Mdoc::subsection(std::string_view title) {
    macro(fmt::format("Ss {}", title));
    fresh_ = true;
}

void Mdoc::paragraph(std::string_view text) {
    if (!fresh_) {
        macro("Pp");
    }
    prose(text);
}

void Mdoc::macro(std::string_view line) {
    text_ += fmt::format(".{}\n", line);
    fresh_ = false;
}

std::string Mdoc::word(std::string_view text) {
    const bool like_macro = text.size() == 2 && std::isupper(static_cast<unsigned char>(text[0])) &&
                            std::islower(static_cast<unsigned char>(text[1]));
    std::string quoted;
    for (const char c : escaped(text)) {
        quoted += c == '"' ? "\\(dq" : std::string(1, c);
    }
    const bool spaced = quoted.find(' ') != std::string::npos;
    return fmt::format("{0}{1}{2}{0}", spaced ? "\"" : "",
                       like_macro || text.size() == 1 ? "\\&" : "", quoted);
}

void Mdoc::begin_list() {
    macro("Bl -tag -width Ds");
}

void Mdoc::item(std::string_view head, std::string_view text) {
    macro(fmt::format("It {}", head));
    prose(text);
}

void Mdoc::end_list() {
    macro("El");
}

void Mdoc::literal(std::initializer_list<std::string_view> lines) {
    std::string all;
    for (const auto line : lines) {
        all += std::string(line) + "\n";
    }
    literal(all);
}

void Mdoc::literal(const std::string& lines) {
    macro("Bd -literal -offset indent");
    for (std::size_t at = 0; at < lines.size();) {
        const auto end = std::min(lines.find('\n', at), lines.size());
        text_ += line_start(escaped(lines.substr(at, end - at))) + "\n";
        at = end + 1;
    }
    macro("Ed");
}

/// A sentence begins a line, as mdoc wants it.
void Mdoc::prose(std::string_view text) {
    const std::string source = with_fonts(text);
    std::string line;
    const auto put_line = [&] {
        if (!line.empty()) {
            text_ += line_start(line) + "\n";
        }
        line.clear();
    };
    for (std::size_t at = 0; at < source.size();) {
        const auto end = std::min(source.find_first_of(" \n", at), source.size());
        const auto next = source.substr(at, end - at);
        at = end + 1;
        if (!line.empty() && line.size() + 1 + next.size() > line_width) {
            put_line();
        }
        line += (line.empty() ? "" : " ") + next;
        if (ends_sentence(next)) {
            put_line();
        }
    }
    put_line();
    fresh_ = false;
}

} // namespace gw::cli
