#include "base/spelling.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace gw {

namespace {

constexpr std::size_t letters_per_slip = 3;

/// Letters to insert, remove, replace or swap with their neighbour to get from one to the other;
/// any number above `most` when they are more.
std::size_t distance(std::string_view from, std::string_view to, std::size_t most) {
    if (from.size() > to.size() + most || to.size() > from.size() + most) {
        return most + 1;
    }
    std::size_t least_before = 0;
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(to.size() + 1);
    for (std::size_t j = 0; j <= to.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= from.size(); ++i) {
        std::vector<std::size_t> row(to.size() + 1, i);
        for (std::size_t j = 1; j <= to.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
            row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        // No later row can be below the least of two in a row.
        const auto least = std::ranges::min(row);
        if (std::min(least, least_before) > most) {
            return most + 1;
        }
        least_before = least;
        before_last = std::move(last);
        last = std::move(row);
    }
    return last[to.size()];
}

/// Which letters are in a word, as bits. A slip changes at most two of them.
std::uint64_t letters_of(std::string_view word) {
    std::uint64_t letters = 0;
    for (const char c : word) {
        letters |= std::uint64_t{1} << (static_cast<unsigned char>(c) % 64U);
    }
    return letters;
}

} // namespace

std::optional<std::string_view> meant_word(std::string_view word,
                                           std::span<const std::string_view> known) {
    std::optional<std::string_view> nearest;
    std::size_t least = most_slips + 1;
    const auto letters = letters_of(word);
    for (const auto candidate : known) {
        if (std::popcount(letters ^ letters_of(candidate)) > static_cast<int>(2 * most_slips)) {
            continue;
        }
        const auto slips = distance(word, candidate, most_slips);
        if (slips < least && slips * letters_per_slip <= candidate.size()) {
            least = slips;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string meant_hint(std::string_view word, std::span<const std::string_view> known) {
    const auto meant = meant_word(word, known);
    return meant ? ", did you mean '" + std::string(*meant) + "'?" : "";
}

} // namespace gw
