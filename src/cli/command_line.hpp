/// The command line as a whole.
#pragma once

namespace gw::cli {

/// Parses the words, runs the verb, answers with the exit status. Lets no exception out.
int run_command_line(int argc, char** argv);

} // namespace gw::cli
