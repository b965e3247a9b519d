#include "rules/port.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace gw {

namespace {

std::uint64_t number_of(const ProfileName& profile) {
    const auto digest = sha256(profile.str());
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i) {
        number = number << 8U | digest[i];
    }
    return number;
}

std::uint64_t size_of(const PortRange& range) {
    return std::uint64_t{range.last} - range.first + 1;
}

/// A range is a circle.
std::uint16_t port_at(const PortRange& range, std::uint64_t number) {
    return static_cast<std::uint16_t>(range.first + number % size_of(range));
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    text = trimmed(text);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && port > 0 ? std::optional(port) : std::nullopt;
}

std::optional<PortRange> parse_range(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = parse_port(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
    return first && last && *first <= *last ? std::optional(PortRange{*first, *last})
                                            : std::nullopt;
}

} // namespace

std::optional<PortRanges> parse_port_ranges(std::string_view text) {
    PortRanges ranges;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find(',', at), text.size());
        const auto range = parse_range(text.substr(at, end - at));
        if (!range) {
            return std::nullopt;
        }
        ranges.push_back(*range);
        at = end + 1;
    }
    return ranges;
}

std::string to_string(const PortRanges& ranges) {
    std::string text;
    for (const auto& range : ranges) {
        text += text.empty() ? "" : ", ";
        text += range.first == range.last ? fmt::format("{}", range.first)
                                          : fmt::format("{}-{}", range.first, range.last);
    }
    return text;
}

std::optional<std::uint16_t> choose_port(const ProfileName& profile, const TakenPorts& taken,
                                         const PortRanges& ranges) {
    const auto number = number_of(profile);
    for (const auto& range : ranges) {
        const auto begin = number % size_of(range);
        for (std::uint64_t i = 0; i < size_of(range); ++i) {
            const auto port = port_at(range, begin + i);
            if (!taken.test(port)) {
                return port;
            }
        }
    }
    return std::nullopt;
}

std::string no_port_in(const PortRanges& ranges) {
    return "all of " + to_string(ranges) + " are taken; the key `ports` names more";
}

bool leads_to(const ProfileName& profile, std::uint16_t port, const PortRanges& ranges) {
    const auto number = number_of(profile);
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const PortRange& range) { return port_at(range, number) == port; });
}

} // namespace gw
