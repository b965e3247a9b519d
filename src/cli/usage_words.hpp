/// What is wrong with a command line, in words of this program.
#pragma once

#include "cli/verb_table.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

/// What a parser says of a line that it could not read, as far as this program has to know it.
struct ParserWords {
    std::string kind;                ///< its name of the error: "ExtrasError"
    std::string text;                ///< its own words
    std::vector<std::string> extras; ///< words that nothing takes
};

/// For a person: "there is no option '--forc', did you mean '--force'?". `verb` is the one that was
/// typed; null where none was, and `parent` is then the first word of others, or empty.
std::string usage_words(const ParserWords& said, const Verb* verb, std::string_view parent);

/// "there is no verb 'statsu', did you mean 'status'?"; `parent` as above.
std::string unknown_verb(std::string_view word, std::string_view parent);

} // namespace gw::cli
