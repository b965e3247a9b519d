/// Numbers in text from elsewhere: whole or not at all, and never beyond their type.
#pragma once

#include "base/process.hpp"

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gw {

/// The number that the whole text is; nullopt for anything else, also for one that does not fit.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

/// The number that the text begins with; nullopt when it begins with none.
template <std::integral Number>
std::optional<Number> leading_number(std::string_view text, int base = 10) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

/// A number from elsewhere as a pid; nullopt for 0, negative numbers and what no kernel gives.
constexpr std::optional<Pid> to_pid(std::int64_t number) {
    return number > 0 && number <= INT32_MAX ? std::optional(Pid{static_cast<std::int32_t>(number)})
                                             : std::nullopt;
}

/// The pid that the whole text is.
inline std::optional<Pid> parse_pid(std::string_view text) {
    const auto number = parse_number<std::int64_t>(text);
    return number ? to_pid(*number) : std::nullopt;
}

} // namespace gw
