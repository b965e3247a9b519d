#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace gw {

namespace {

/// Length of the valid UTF-8 sequence at the start of `s`, or 0 (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view s) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80                    ? 1
                               : lead >= 0xC2 && lead <= 0xDF ? 2
                               : lead >= 0xE0 && lead <= 0xEF ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    if (length == 0 || s.size() < length) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    const bool overlong_or_surrogate =
        (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
        (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
    return overlong_or_surrogate ? 0 : length;
}

void append_escaped(std::string& out, unsigned char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
    case '\n':
        out += "\\n";
        break;
    case '\t':
        out += "\\t";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\\':
        out += "\\\\";
        break;
    default:
        out += "\\x";
        out += digits[c >> 4U];
        out += digits[c & 0x0FU];
    }
}

/// U+0080 to U+009F are control characters too: a terminal may act on them.
bool is_c1_control(std::string_view sequence) {
    return sequence.size() == 2 && sequence[0] == '\xC2' &&
           static_cast<unsigned char>(sequence[1]) < 0xA0;
}

} // namespace

std::string printable(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t length = utf8_length(bytes.substr(i));
        const auto c = static_cast<unsigned char>(bytes[i]);
        const bool escape = length == 0 || c < 0x20 || c == 0x7F || c == '\\' ||
                            is_c1_control(bytes.substr(i, length));
        const std::size_t step = std::max<std::size_t>(length, 1);
        if (escape) {
            for (std::size_t k = 0; k < step; ++k) {
                append_escaped(out, static_cast<unsigned char>(bytes[i + k]));
            }
        } else {
            out += bytes.substr(i, step);
        }
        i += step;
    }
    return out;
}

std::string escape_controls(std::string_view json) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        const bool is_c1 = is_c1_control(json.substr(i, 2));
        if (!is_c1 && json[i] != '\x7f') {
            out += json[i];
            continue;
        }
        const auto code = static_cast<unsigned char>(json[is_c1 ? ++i : i]);
        out += "\\u00";
        out += digits[code >> 4U];
        out += digits[code & 0x0FU];
    }
    return out;
}

std::string shortened(std::string_view bytes) {
    constexpr std::size_t limit = 80;
    if (bytes.size() <= limit) {
        return std::string(bytes);
    }
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(bytes[end]) & 0xC0U) == 0x80U) {
        --end; // not within a UTF-8 sequence
    }
    return std::string(bytes.substr(0, end)) + "...";
}

std::string log_value(std::string_view bytes) {
    std::string out;
    for (const char c : printable(shortened(bytes))) {
        if (c == ' ' || c == '"') {
            append_escaped(out, static_cast<unsigned char>(c));
        } else {
            out += c;
        }
    }
    return out.empty() ? "\"\"" : out;
}

std::string shell_quote(std::string_view word) {
    const auto safe = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("_-./:=,+@%").find(c) != std::string_view::npos;
    };
    if (!word.empty() && std::all_of(word.begin(), word.end(), safe)) {
        return std::string(word);
    }
    std::string out = "'";
    for (const char c : word) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string shell_join(std::span<const std::string> words) {
    std::string out;
    for (const auto& word : words) {
        out += (out.empty() ? "" : " ") + shell_quote(word);
    }
    return out;
}

std::string fill_template(std::string_view text, std::span<const Replacement> replacements) {
    std::string out;
    out.reserve(text.size() * 2);
    while (true) {
        const auto open = text.find('@');
        const auto close = open == std::string_view::npos ? open : text.find('@', open + 1);
        if (close == std::string_view::npos) {
            return out += text;
        }
        const auto key = text.substr(open + 1, close - open - 1);
        const auto found = std::find_if(replacements.begin(), replacements.end(),
                                        [&](const Replacement& r) { return r.key == key; });
        if (found == replacements.end()) {
            out += text.substr(0, close);
            text.remove_prefix(close);
        } else {
            out += text.substr(0, open);
            out += found->value;
            text.remove_prefix(close + 1);
        }
    }
}

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

bool is_truthy(std::string_view text) {
    constexpr std::array<std::string_view, 4> words = {"1", "true", "yes", "on"};
    return std::ranges::find(words, in_lower_case(trimmed(text))) != words.end();
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!(line = trimmed(line)).empty()) {
        const auto end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return words;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1); // npos + 1 is 0
}

} // namespace gw
