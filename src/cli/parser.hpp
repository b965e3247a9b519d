/// The words of the command line read by the table (cli/verb_table.hpp).
#pragma once

#include "base/error.hpp"
#include "cli/context.hpp"
#include "cli/verb_table.hpp"
#include "cli/words.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace gw::cli {

/// A verb with its words.
struct Chosen {
    const Verb* verb = nullptr;
    Words words;
};

struct ParsedLine {
    Globals globals; ///< as far as they could be read
    /// Text asked for by --help or --version, or the verb, or Errc::usage.
    std::variant<std::string, Chosen, Error> what;
};

ParsedLine parse_command_line(int argc, const char* const* argv);

/// The help of a verb; of the whole program when `full_name` is empty. nullopt: no such verb.
std::optional<std::string> help_text(std::string_view full_name);

} // namespace gw::cli
