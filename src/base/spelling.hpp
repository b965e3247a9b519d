/// What a mistyped word was probably meant to be.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gw {

/// What is further away from a word is another word.
inline constexpr std::size_t most_slips = 2;

/// The one of `known` that `word` is a slip of: at most two letters missing, too many, wrong or
/// swapped, and never more than a third of its length. Nullopt when none is as near as that.
std::optional<std::string_view> meant_word(std::string_view word,
                                           std::span<const std::string_view> known);

/// ", did you mean 'command'?", or nothing: the end of a message about an unknown word.
std::string meant_hint(std::string_view word, std::span<const std::string_view> known);

} // namespace gw
