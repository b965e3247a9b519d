/// The command line as a whole.
#pragma once

#include "cli/verb_table.hpp"

#include <span>

namespace gw::cli {

/// A verb of the table that is another program's (OtherProgram), as that program carries it out.
struct CarriedOut {
    std::string_view full_name;
    std::variant<Look, Change> function;
};

/// Parses the words, runs the verb, answers with the exit status. Lets no exception out. `here`:
/// what this program carries out besides; other programs' verbs become those programs.
int run_command_line(int argc, char** argv, std::span<const CarriedOut> here = {});

} // namespace gw::cli
