#include "base/kept_values.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace gw {

namespace {

/// No text of a person begins like this; the library writes NUL as an escape.
constexpr std::string_view mark{"\0kept:", 6};
constexpr std::string_view written_mark = R"(\u0000kept:)";

constexpr std::string_view number_letters = "+-.0123456789eE";

std::string json_string(std::string_view text) {
    return nlohmann::json(text).dump();
}

bool skip_digits(std::string_view& rest) {
    const auto end = std::min(rest.find_first_not_of("0123456789"), rest.size());
    rest.remove_prefix(end);
    return end > 0;
}

bool skip_one_of(std::string_view& rest, std::string_view letters) {
    const bool is_there = !rest.empty() && letters.find(rest.front()) != std::string_view::npos;
    rest.remove_prefix(is_there ? 1 : 0);
    return is_there;
}

/// The grammar of RFC 8259, section 6.
bool is_number(std::string_view rest) {
    (void)skip_one_of(rest, "-");
    if (!skip_one_of(rest, "0") && !skip_digits(rest)) {
        return false;
    }
    if (skip_one_of(rest, ".") && !skip_digits(rest)) {
        return false;
    }
    if (skip_one_of(rest, "eE")) {
        (void)skip_one_of(rest, "+-");
        if (!skip_digits(rest)) {
            return false;
        }
    }
    return rest.empty();
}

/// The string that begins here, with its quotes; empty when it does not end.
std::string_view string_at(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            return text.substr(0, i + 1);
        }
    }
    return {};
}

/// The number of an escape \uXXXX that begins here.
std::optional<unsigned> escaped_unit(std::string_view text) {
    constexpr std::size_t length = 6;
    if (text.size() < length || !text.starts_with("\\u")) {
        return std::nullopt;
    }
    unsigned unit = 0;
    for (const char c : text.substr(2, 4)) {
        const auto digit = std::string_view("0123456789abcdef")
                               .find(static_cast<char>(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c));
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        unit = unit * 16 + static_cast<unsigned>(digit);
    }
    return unit;
}

bool is_high_half(std::optional<unsigned> unit) {
    return unit && *unit >= 0xD800 && *unit <= 0xDBFF;
}

bool is_low_half(std::optional<unsigned> unit) {
    return unit && *unit >= 0xDC00 && *unit <= 0xDFFF;
}

/// The string with what is half of a pair replaced by a letter: whether the rest of it is JSON.
std::optional<std::string> without_halves(std::string_view literal) {
    constexpr std::size_t length = 6;
    std::string whole;
    bool any = false;
    for (std::size_t i = 0; i < literal.size();) {
        const auto unit = escaped_unit(literal.substr(i));
        const bool is_pair =
            is_high_half(unit) && is_low_half(escaped_unit(literal.substr(i + length)));
        const std::size_t step = is_pair ? 2 * length : unit ? length : literal[i] == '\\' ? 2 : 1;
        const bool is_half = !is_pair && (is_high_half(unit) || is_low_half(unit));
        whole += is_half ? std::string_view("x") : literal.substr(i, step);
        any = any || is_half;
        i += step;
    }
    return any ? std::optional(std::move(whole)) : std::nullopt;
}

/// What stands here that has to be carried; empty when it is something else.
std::string_view odd_value_at(std::string_view text) {
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        if (text.starts_with(word)) {
            return word;
        }
    }
    constexpr std::size_t always_fits = 19; // digits, in 64 bits
    const auto number = text.substr(0, text.find_first_not_of(number_letters));
    const bool may_not_fit =
        number.size() > always_fits || number.find_first_of("eE") != std::string_view::npos;
    return may_not_fit && is_number(number) ? number : std::string_view();
}

} // namespace

std::string carrier_of(std::string_view as_written) {
    return std::string(mark) + std::string(as_written);
}

bool holds_carrier(std::string_view json) {
    return json.find(written_mark) != std::string_view::npos;
}

std::optional<std::string> carry_values(std::string_view json) {
    std::string carried;
    bool any = false;
    while (!json.empty()) {
        const auto literal = json.front() == '"' ? string_at(json) : std::string_view();
        if (json.front() == '"' && literal.empty()) {
            return std::nullopt;
        }
        const auto whole = without_halves(literal);
        const auto odd = !literal.empty() ? std::string_view() : odd_value_at(json);
        const auto number = json.substr(0, json.find_first_not_of(number_letters));
        const auto step = std::max<std::size_t>({literal.size(), odd.size(), number.size(), 1});
        if (whole && !nlohmann::json::accept(*whole)) {
            return std::nullopt;
        }
        const bool carries = whole || !odd.empty();
        carried += carries ? json_string(carrier_of(json.substr(0, step)))
                           : std::string(json.substr(0, step));
        any = any || carries;
        json.remove_prefix(step);
    }
    return any ? std::optional(std::move(carried)) : std::nullopt;
}

std::string uncarry_values(std::string json) {
    const std::string begin = "\"" + std::string(written_mark);
    std::string whole;
    std::string_view rest = json;
    for (auto at = rest.find(begin); at != std::string_view::npos; at = rest.find(begin)) {
        const auto literal = string_at(rest.substr(at));
        whole += rest.substr(0, at);
        whole += nlohmann::json::parse(literal).get<std::string>().substr(mark.size());
        rest.remove_prefix(at + literal.size());
    }
    return whole.empty() ? json : whole.append(rest);
}

} // namespace gw
